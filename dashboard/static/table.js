// Tables that become a list of cards on a phone: each cell carries its column's name.
//
// May import: dom.
import { h } from "./dom.js";

// columns: [{name, cell(row) -> children, number?: right-aligned, wide?: the card's heading, header?: what stands in
// the
// head instead of the name, sort?: "ascending" | "descending" | "none"}]
export function table(caption, columns, rows, { empty = "There is nothing here.", className = "" } = {}) {
  if (rows.length === 0) return h("p", { class: "empty" }, empty);
  const head = columns.map((column) => h("th", {
    scope: "col", class: column.number ? "number" : null, "aria-sort": column.sort ?? null,
  }, column.header ?? column.name));
  return h("div", { class: "table-scroll" }, h("table", { class: `cards ${className}` },
    h("caption", { class: "visually-hidden" }, caption),
    h("thead", null, h("tr", null, head)),
    h("tbody", null, rows.map((row) => tableRow(columns, row)))));
}

function tableRow(columns, row) {
  return h("tr", null, columns.map((column) => h("td", {
    class: [column.number ? "number" : "", column.wide ? "wide" : ""].join(" ").trim() || null,
    "data-label": column.wide ? null : column.name,
  }, h("span", { class: "cell" }, column.cell(row)))));
}
