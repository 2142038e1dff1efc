// Elements, made from text. Everything that the pages show is hostile: it goes through createTextNode and setAttribute,
// never through a parser. There is no other way to make an element in these pages.
//
// May import: nothing.

const kSvg = "http://www.w3.org/2000/svg";

// A link may lead to a page of this server or a place in this page, whatever the text says that it was built from.
function isOwnAddress(value) {
  return value.startsWith("#") || (value.startsWith("/") && !value.startsWith("//") && !value.startsWith("/\\"));
}

function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "on") {
    for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    return;
  }
  if (/^on/i.test(name) || name === "style" || name === "srcdoc") throw new Error(`attribute ${name} is not allowed`);
  const text = value === true ? "" : String(value);
  if ((name === "href" || name === "src") && !isOwnAddress(text)) return;
  element.setAttribute(name, text);
}

// Characters that nobody sees and that change what is read: controls, and marks that turn the direction of text.
const kUnseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

export function visible(text) {
  const number = (one) => one.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  return String(text).replace(kUnseen, (one) => `\u27e8U+${number(one)}\u27e9`);
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(visible(child)));
  }
}

function make(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) setAttribute(element, name, value);
  append(element, children);
  return element;
}

// h("a", {class: "x", href: "/findings", on: {click: f}}, "text", [more, children]); null and false are left out.
export function h(tag, attributes, ...children) {
  return make(document.createElement(tag), attributes, children);
}

// The same for SVG.
export function s(tag, attributes, ...children) {
  return make(document.createElementNS(kSvg, tag), attributes, children);
}

export function replaceContent(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

// Changes the text only if it differs, so that a screen reader and a selection are left alone.
export function setText(element, text) {
  const value = visible(text);
  if (element.textContent !== value) element.textContent = value;
}

// A section with a heading, which names it for a screen reader.
export function section(id, title, ...children) {
  return h("section", { id, "aria-labelledby": `${id}-title` }, h("h2", { id: `${id}-title` }, title), children);
}
