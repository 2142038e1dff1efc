// What the server tells while a page is open, by server-sent events. Pages change numbers in place; whatever would move
// the page is told in a line that is always there, and done when the reader asks for it.
//
// May import: dom.
import { h, replaceContent, setText } from "./dom.js";

// How long a server that has no place for another listener is left alone.
const kRetryMs = 10_000;

class Live extends EventTarget {
  #source = null;
  #retry = null;

  // A browser opens few connections to one server for all its tabs, and the server has few places: only a page that
  // somebody sees keeps one.
  start() {
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#close() : this.#open()));
    window.addEventListener("pagehide", () => this.#close());
    window.addEventListener("pageshow", () => this.#open());
    this.#open();
  }

  #open() {
    if (this.#source || document.hidden) return;
    this.#source = new EventSource("/api/v1/events");
    for (const name of ["finding", "status"]) {
      this.#source.addEventListener(name, (event) => this.#tell(name, event.data));
    }
    this.#source.addEventListener("open", () => showLink("live"));
    this.#source.addEventListener("error", () => this.#lost());
  }

  #close() {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = null;
  }

  // The browser itself tries again after a broken connection, but not after an answer that refuses.
  #lost() {
    showLink("not connected; trying again");
    if (this.#source?.readyState !== EventSource.CLOSED) return;
    this.#close();
    this.#retry = setTimeout(() => this.#open(), kRetryMs);
  }

  #tell(name, text) {
    let detail;
    try {
      detail = JSON.parse(text);
    } catch {
      return;  // a line cut off by a dying server; the next one is whole
    }
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

export const live = new Live();

// Subscribes until the page's signal is aborted: the router does that when the page is left.
export function whileShown(signal, name, listener) {
  live.addEventListener(name, (event) => listener(event.detail), { signal });
}

function showLink(text) {
  const place = document.getElementById("link-state");
  setText(place, text);
  place.dataset.state = text === "live" ? "live" : "lost";
}

// A line under the navigation with at most one button. Empty text takes it away; its place stays.
export function notice(text, action = null) {
  const place = document.getElementById("notice");
  if (!text) return replaceContent(place);
  return replaceContent(place, text,
    action ? [" ", h("button", { type: "button", class: "plain", on: { click: action.run } }, action.label)] : null);
}

// For a screen reader only.
export function announce(text) {
  setText(document.getElementById("announcer"), text);
}
