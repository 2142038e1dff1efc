// Repros by builds: what each build says of each finding's repro.
//
// May import: dom, api, badges, time, numbers, finding_rows.
import { h } from "../dom.js";
import { findingPath, get } from "../api.js";
import { mark, stateBadge } from "../badges.js";
import { absolute } from "../time.js";
import { count } from "../numbers.js";

const kRows = 200;
const kWords = { fails: "fails", passes: "passes", flaky: "some", untested: "-" };

// One result as "kick-first, thread: deadlock, 100 of 100 the same".
function resultWords(result) {
  const how = result.sanitizer === "none" ? result.variant : `${result.variant}, ${result.sanitizer}`;
  return `${how}: ${result.verdict}, ${result.same} of ${result.replays} the same`;
}

function cell(entry, build) {
  if (!entry || entry.state === "untested") {
    return h("td", { class: "verdict-cell untested", "data-label": build.version }, h("span", { class: "cell" },
      h("span", { class: "visually-hidden" }, "not tested"), h("span", { "aria-hidden": "true" }, "-")));
  }
  const same = entry.results.reduce((sum, result) => sum + result.same, 0);
  const replays = entry.results.reduce((sum, result) => sum + result.replays, 0);
  return h("td", { class: `verdict-cell ${kWords[entry.state] ? entry.state : "untested"}`, "data-label": build.version,
    title: entry.results.map(resultWords).join("\n") },
  h("span", { class: "cell" }, mark(entry.state === "flaky" ? "not-repeatable" : entry.state),
    ` ${kWords[entry.state] ?? entry.state} `, h("span", { class: "dim" }, `${same}/${replays}`)));
}

function row(entry, builds) {
  const byBuild = new Map(entry.cells.map((one) => [one.build_digest, one]));
  return h("tr", null,
    h("th", { scope: "row", class: "wide" }, h("span", { class: "cell" },
      h("a", { class: "finding-link", href: findingPath(entry.finding.key) },
        entry.finding.title || entry.finding.signature),
      h("span", { class: "signature" }, entry.finding.target, " ", entry.finding.variant))),
    h("td", { "data-label": "State" }, h("span", { class: "cell" }, stateBadge(entry.finding.state))),
    builds.map((build) => cell(byBuild.get(build.digest), build)));
}

function matrix(found) {
  if (found.rows.length === 0) return h("p", { class: "empty" }, "No repro has been tested yet.");
  return h("div", { class: "table-scroll" }, h("table", { class: "cards matrix" },
    h("caption", { class: "visually-hidden" }, "Repros by builds, the newest build first"),
    h("thead", null, h("tr", null, h("th", { scope: "col" }, "Repro of"), h("th", { scope: "col" }, "State"),
      found.builds.map((build) => h("th", { scope: "col", class: "mono",
        title: `${build.digest}\nfirst seen ${absolute(build.first_seen)}` }, build.version)))),
    h("tbody", null, found.rows.map((entry) => row(entry, found.builds)))));
}

export async function showRegressions({ signal }) {
  const found = await get("/regressions", { limit: kRows }, signal);
  const rest = found.total - found.rows.length;
  return {
    title: "Regressions",
    element: h("div", { class: "page" },
      h("h1", null, "Regressions"),
      h("p", { class: "lead" }, "Every repro is replayed with every new build. ",
        "A cell counts the replays that end as when the bug was found, of all that were made."),
      matrix(found),
      rest > 0 ? h("p", { class: "dim" }, `${count(rest)} more repros are not shown.`) : null),
  };
}
