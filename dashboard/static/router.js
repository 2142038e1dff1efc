// The URL is the state of a view: this maps it to a page and back. Links are real links; a click on one that leads to
// a page is answered here without a reload, and back and forward come to where the reader was.
//
// May import: dom.
import { h, replaceContent } from "./dom.js";

// Paths of this server that are no pages: the browser follows them itself.
const kNotPages = ["/api/", "/static/", "/metrics", "/healthz"];

export class Router {
  // `routes`: [[RegExp of the path, show], ...]. show(context) gives {title, element, stop?}, context = {parameters
  // (of the RegExp), query, signal, navigate}.
  constructor(routes, content) {
    this.routes = routes;
    this.content = content;
    this.page = null;
    this.abort = null;
    history.scrollRestoration = "manual";
    window.addEventListener("popstate", (event) => this.show(event.state?.scroll ?? 0));
    document.addEventListener("click", (event) => this.followLink(event));
  }

  navigate(url, { replace = false } = {}) {
    if (replace) {
      history.replaceState({ scroll: window.scrollY }, "", url);
    } else {
      this.rememberPlace();
      history.pushState({ scroll: 0 }, "", url);
    }
    return this.show(replace ? window.scrollY : null);
  }

  rememberPlace() {
    history.replaceState({ scroll: window.scrollY }, "", location.href);
  }

  followLink(event) {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || link.target ||
      link.hasAttribute("download")) return;
    const url = new URL(link.href);
    if (url.origin !== location.origin || kNotPages.some((prefix) => url.pathname.startsWith(prefix))) return;
    if (link.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    this.navigate(url.pathname + url.search);
  }

  // `scroll`: null for a new page. The old page stays until the new one is there, so nothing flickers.
  async show(scroll) {
    this.abort?.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.content.setAttribute("aria-busy", "true");
    const page = await this.pageAt(new URL(location.href), signal);
    if (signal.aborted) return;
    this.page?.stop?.();
    const samePage = this.page?.path === location.pathname;
    this.put(page, samePage);
    this.page = page;
    this.page.path = location.pathname;
    if (scroll !== null) window.scrollTo(0, scroll);
    else if (!samePage) window.scrollTo(0, 0);
    this.content.removeAttribute("aria-busy");
    document.dispatchEvent(new CustomEvent("page-shown", { detail: location.pathname }));
  }

  put(page, samePage) {
    const focused = document.activeElement?.id;
    document.title = page.title ? `${page.title} - Gridlock` : "Gridlock";
    replaceContent(this.content, page.element);
    // Who changes a filter goes on where it was; who comes to another page begins at its heading.
    const again = samePage && focused ? document.getElementById(focused) : null;
    if (again) again.focus({ preventScroll: true });
    else if (this.page) this.content.focus({ preventScroll: true });
  }

  async pageAt(url, signal) {
    for (const [pattern, show] of this.routes) {
      const match = pattern.exec(url.pathname);
      if (!match) continue;
      try {
        const parameters = match.slice(1).map(decodeURIComponent);
        return await show({ parameters, query: url.searchParams, signal, navigate: (...a) => this.navigate(...a) });
      } catch (error) {
        return faultPage(error);
      }
    }
    return faultPage(new Error(`There is no page ${url.pathname}.`));
  }
}

function faultPage(error) {
  const title = error.status === 404 ? "Not found" : "This page cannot be shown";
  return { title, element: h("div", { class: "fault" }, h("h1", null, title), h("p", null, error.message)) };
}

// The URL of the current page with some parameters changed; null and "" take one away.
export function withQuery(changes) {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return url.pathname + url.search;
}
