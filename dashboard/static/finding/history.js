// Where a finding comes from and how it did since: how it was minimized, who saw it, what each build said, files.
//
// May import: dom, badges, table, time, numbers.
import { h, s } from "../dom.js";
import { mark, verdictBadge } from "../badges.js";
import { table } from "../table.js";
import { duration, timeAgo } from "../time.js";
import { count, plural } from "../numbers.js";

const kBar = { width: 320, height: 14 };

// Two bars, as long as they have decisions: how it was found, and what is left.
export function minimization(finding) {
  const { decisions_from: from, decisions_to: to, runs, seconds } = finding.minimize ?? {};
  if (!finding.triaged || from === undefined) return h("p", { class: "empty" }, "It has not been minimized yet.");
  const most = Math.max(from, to, 1);
  const bar = (value, name) => h("div", { class: "minimize-row" }, h("span", { class: "minimize-name" }, name),
    s("svg", { class: `minimize-bar ${name.replaceAll(" ", "-")}`, viewBox: `0 0 ${kBar.width} ${kBar.height}`,
      "aria-hidden": "true",
      preserveAspectRatio: "none" }, s("rect", { width: Math.max(2, (kBar.width * value) / most),
        height: kBar.height })),
    h("span", { class: "number" }, plural(value, "decision")));
  return h("div", { class: "minimize" }, bar(from, "as found"), bar(to, "minimal"),
    h("p", { class: "dim" }, `${plural(runs, "run")} in ${duration(seconds)}`));
}

export function sightings(finding) {
  return table("Sightings by build and engine", [
    { name: "Build", wide: true, cell: (row) => h("span", { class: "mono", title: row.build_digest }, row.build) },
    { name: "Variant", cell: (row) => row.variant },
    { name: "Engine", cell: (row) => row.engine },
    { name: "Sanitizer", cell: (row) => row.sanitizer },
    { name: "Seen", number: true, cell: (row) => count(row.count) },
    { name: "First", number: true, cell: (row) => timeAgo(row.first) },
    { name: "Last", number: true, cell: (row) => timeAgo(row.last) },
  ], finding.sightings_by, { empty: "No campaign has seen it." });
}

function outcome(test) {
  const name = test.same === test.replays ? "fails" : test.same === 0 ? "passes" : "not-repeatable";
  const words = { fails: "as found", passes: "not as found", "not-repeatable": "sometimes" }[name];
  return h("span", { class: `outcome ${name}` }, mark(name), ` ${words}, ${test.same} of ${test.replays}`);
}

export function tests(finding) {
  return table("Re-tests of the repro, the newest first", [
    { name: "Build", wide: true, cell: (row) => h("span", { class: "mono", title: row.build_digest }, row.build) },
    { name: "Variant", cell: (row) => row.variant },
    { name: "Sanitizer", cell: (row) => row.sanitizer },
    { name: "Verdict", cell: (row) => verdictBadge(row.verdict) },
    { name: "Outcome", cell: outcome },
    { name: "When", number: true, cell: (row) => timeAgo(row.time) },
  ], finding.tests, { empty: "The repro has not been replayed with any build yet." });
}

const kDownloads = [["repro", "Repro", "the minimal scenario, a text file"],
  ["input", "Raw input", "the bytes that found it"],
  ["perfetto", "Perfetto trace", "opens in ui.perfetto.dev"], ["test", "C++ regression test", "GoogleTest"],
  ["text", "Explanation", "as text"]];

export function downloads(finding) {
  const links = kDownloads.filter(([name]) => finding.downloads?.[name]);
  if (links.length === 0) return h("p", { class: "empty" }, "There are no files yet.");
  return h("ul", { class: "downloads" }, links.map(([name, label, words]) =>
    h("li", null, h("a", { href: finding.downloads[name], download: "" }, label),
      h("span", { class: "dim" }, ` ${words}`))));
}
