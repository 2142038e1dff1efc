// Findings as rows of a table, the same on each page that lists some.
//
// May import: dom, api, badges, table, time, numbers.
import { h } from "./dom.js";
import { findingPath } from "./api.js";
import { regressionBadge, reproduced, stateBadge, targetLink, verdictBadge } from "./badges.js";
import { table } from "./table.js";
import { timeAgo } from "./time.js";
import { count } from "./numbers.js";

export function findingTitle(row) {
  return [
    h("a", { class: "finding-link", href: findingPath(row.key) }, row.title || row.signature),
    row.canary ? h("span", { class: "badge canary" }, "canary") : null,
    h("span", { class: "signature" }, row.signature),
  ];
}

// The decisions that are left, and of how many: how small the repro is.
function size(row) {
  if (!row.triaged) return h("span", { class: "dim" }, "not triaged yet");
  return [String(row.decisions), h("span", { class: "dim" }, ` of ${row.decisions_as_found}`)];
}

function stateCell(row) {
  const says = row.regression && !["untested", "fails"].includes(row.regression);
  return [stateBadge(row.state), says ? [" ", regressionBadge(row.regression)] : null];
}

export const kFindingColumns = {
  verdict: { name: "Verdict", cell: (row) => verdictBadge(row.verdict) },
  title: { name: "Finding", wide: true, cell: findingTitle },
  target: { name: "Target", cell: (row) => targetLink(row.target, row.variant) },
  state: { name: "State", cell: stateCell },
  decisions: { name: "Decisions", number: true, cell: size },
  reproduced: { name: "Reproduced", number: true, cell: reproduced },
  sightings: { name: "Seen", number: true, cell: (row) => count(row.sightings) },
  first_seen: { name: "First seen", number: true, cell: (row) => timeAgo(row.first_seen) },
  last_seen: { name: "Last seen", number: true, cell: (row) => timeAgo(row.last_seen) },
};

export function findingTable(caption, names, rows, options) {
  return table(caption, names.map((name) => kFindingColumns[name]), rows, { className: "findings", ...options });
}

