// All findings: filters, order and page stand in the URL, so each view has an address of its own.
//
// May import: dom, api, live, router, badges, numbers, finding_rows.
import { h, setText } from "../dom.js";
import { findingPath, get } from "../api.js";
import { notice, whileShown } from "../live.js";
import { withQuery } from "../router.js";
import { kStates, stateWords } from "../badges.js";
import { count, plural } from "../numbers.js";
import { kFindingColumns } from "../finding_rows.js";
import { table } from "../table.js";

const kPage = 50;
const kRegressions = ["fails", "fixed?", "regressed", "not-repeatable", "untested"];
const kColumns = ["verdict", "title", "target", "state", "decisions", "reproduced", "sightings", "last_seen"];
// What the server can sort by, and what a first click asks for.
const kOrders = { verdict: "asc", target: "asc", decisions: "asc", sightings: "desc", first_seen: "desc",
  last_seen: "desc" };

function choice(query, name, label, values, words = (value) => value) {
  const now = query.get(name) ?? "";
  const all = now && !values.includes(now) ? [...values, now] : values;
  return h("label", null, h("span", null, label),
    h("select", { name, id: `filter-${name}` }, h("option", { value: "" }, "all"),
      all.map((value) => h("option", { value, selected: value === now }, words(value)))));
}

function filters(query, facets, navigate) {
  const form = h("form", { class: "filters", role: "search", "aria-label": "Filter findings" },
    choice(query, "verdict", "Verdict", facets.verdicts ?? []),
    choice(query, "target", "Target", facets.targets ?? []),
    choice(query, "state", "State", kStates, stateWords),
    choice(query, "regression", "Newest build", kRegressions),
    h("label", { class: "grow" }, h("span", null, "Title or signature"),
      h("input", { type: "search", name: "q", id: "filter-q", value: query.get("q") ?? "", maxlength: 200 })),
    h("label", { class: "check" }, h("input", { type: "checkbox", name: "canary", id: "filter-canary", value: "1",
      checked: query.get("canary") === "1" }), h("span", null, "canaries")),
    h("button", { type: "submit", id: "filter-go" }, "Filter"));
  const apply = () => {
    const fields = new FormData(form);
    const names = ["verdict", "target", "state", "regression", "q", "canary"];
    navigate(withQuery({ offset: null, ...Object.fromEntries(names.map((name) => [name, fields.get(name)])) }));
  };
  form.addEventListener("change", apply);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
  return form;
}

function sortableColumn(name, query) {
  const column = kFindingColumns[name];
  if (!(name in kOrders)) return column;
  const isSorted = (query.get("sort") ?? "last_seen") === name;
  const order = query.get("order") ?? kOrders[query.get("sort") ?? "last_seen"];
  const next = isSorted && order === kOrders[name] ? (order === "asc" ? "desc" : "asc") : kOrders[name];
  const arrow = isSorted ? (order === "asc" ? " \u2191" : " \u2193") : "";
  return {
    ...column,
    sort: isSorted ? (order === "asc" ? "ascending" : "descending") : "none",
    header: h("a", { id: `sort-${name}`, href: withQuery({ sort: name, order: next, offset: null }) }, column.name,
      arrow),
  };
}

function pages(found) {
  const { total, offset, limit } = found;
  if (total <= limit && offset === 0) return null;
  const link = (to, text) => (to < 0 || to >= total ? h("span", { class: "dim" }, text)
    : h("a", { href: withQuery({ offset: to === 0 ? null : String(to) }) }, text));
  const [first, last] = [Math.min(offset + 1, total), Math.min(offset + limit, total)];
  return h("nav", { class: "pager", "aria-label": "Pages of findings" }, link(offset - limit, "Previous"),
    h("span", null, `${count(first)} to ${count(last)} of ${count(total)}`),
    link(offset + limit, "Next"));
}

// Rows that are shown are kept right where they stand; what is new is told, and comes when the reader asks for it.
function follow(signal, rows, list, navigate) {
  const since = Date.now();
  const shown = new Set(rows.map((row) => row.key));
  const fresh = new Set();
  whileShown(signal, "finding", (row) => {
    if (shown.has(row.key)) {
      const link = [...list.querySelectorAll(".finding-link")].find((one) =>
        one.getAttribute("href") === findingPath(row.key));
      const seen = link?.closest("tr").querySelector("[data-label=Seen] .cell");
      if (seen) setText(seen, count(row.sightings));
    } else if (row.first_seen > since && !row.canary) {
      fresh.add(row.key);
      notice(`${plural(fresh.size, "finding is", "findings are")} new since this list was loaded.`,
        { label: "Load it again", run: () => navigate(location.pathname + location.search, { replace: true }) });
    }
  });
}

export async function showFindings({ query, signal, navigate }) {
  const sort = query.get("sort") ?? "last_seen";
  const found = await get("/findings", {
    ...Object.fromEntries(["verdict", "target", "variant", "state", "regression", "q", "offset"]
      .map((name) => [name, query.get(name)])),
    canary: query.get("canary") === "1" ? "" : "0",
    sort, order: query.get("order") ?? kOrders[sort] ?? "desc", limit: kPage,
  }, signal);
  const columns = kColumns.map((name) => sortableColumn(name, query));
  const list = table("Findings", columns, found.findings, { className: "findings", empty: "No finding is like that." });
  follow(signal, found.findings, list, navigate);
  return {
    title: "Findings",
    element: h("div", { class: "page" },
      h("h1", null, "Findings ", h("span", { class: "dim", id: "total", role: "status" }, count(found.total))),
      filters(query, found.facets ?? {}, navigate),
      list,
      pages(found)),
  };
}
