// A command with a button that copies it.
//
// May import: dom, live.
import { h, setText } from "../dom.js";
import { announce } from "../live.js";

function selectText(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}

export function command(text) {
  const code = h("code", { id: "command", tabindex: "0" }, text);
  const button = h("button", { type: "button", id: "copy" }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      setText(button, "Copied");
      announce("The command is copied.");
    } catch {
      // Without https and beyond loopback a browser gives no clipboard; the reader copies what is selected.
      selectText(code);
      setText(button, "Press Ctrl+C");
    }
  });
  return h("div", { class: "command" }, code, button);
}
