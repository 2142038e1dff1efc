// May import: check, dom.
import { equal, test, that } from "./check.js";
import { h, s, visible } from "/static/dom.js";

function throws(body) {
  try {
    body();
  } catch {
    return true;
  }
  return false;
}

test("text stays text", () => {
  const element = h("p", null, "<script>x</script>", ["&amp;", null, false, 0]);
  equal(element.textContent, "<script>x</script>&amp;0");
  equal(element.children.length, 0);
});

test("a link leads to this server or nowhere", () => {
  for (const bad of ["javascript:alert(1)", "https://elsewhere/", "//elsewhere/", "/\\elsewhere", "data:text/html,x",
    " /x"]) {
    equal(h("a", { href: bad }).hasAttribute("href"), false);
  }
  equal(h("a", { href: "/findings?q=1" }).getAttribute("href"), "/findings?q=1");
});

test("attributes that are code are refused", () => {
  for (const name of ["onclick", "ONERROR", "style", "srcdoc"]) that(throws(() => h("p", { [name]: "x" })), name);
});

test("characters that nobody sees are shown by number", () => {
  equal(visible("a\u202eb\u0000\ufeff"), "a\u27e8U+202E\u27e9b\u27e8U+0000\u27e9\u27e8U+FEFF\u27e9");
  equal(visible("line\n\tline"), "line\n\tline");
  equal(h("p", null, "\u2066x").textContent, "\u27e8U+2066\u27e9x");
});

test("SVG elements are SVG", () => equal(s("path", { d: "M0 0" }).namespaceURI, "http://www.w3.org/2000/svg"));
