// The overview: what runs, what it has reached, what is open, and whether the alarm works.
//
// May import: dom, api, live, time, numbers, badges, table, finding_rows, charts/*.
import { h, section, setText } from "../dom.js";
import { get } from "../api.js";
import { notice, whileShown } from "../live.js";
import { duration, timeAgo } from "../time.js";
import { brief, count, plural } from "../numbers.js";
import { targetLink } from "../badges.js";
import { table } from "../table.js";
import { findingTable } from "../finding_rows.js";
import { rates } from "../charts/scale.js";
import { sparkline } from "../charts/charts.js";

// Numbers that live updates change, by name; each is an element whose text is set.
function number(places, name, text) {
  const element = h("span", { class: "live-number" }, text);
  places.set(name, element);
  return element;
}

function fact(label, ...children) {
  return h("div", { class: "fact" }, h("dt", null, label), h("dd", null, children));
}

function openFact(places, open, state) {
  return fact(state, h("a", { href: `/findings?state=${state}` }, number(places, `open-${state}`,
    count(open[state] ?? 0))));
}

function canaryClass(canary) {
  return canary.ok ? "fact canary-fact ok" : "fact canary-fact bad";
}

function canaryFact(places, canary) {
  const element = h("div", { class: canaryClass(canary) }, h("dt", null, "canary"),
    h("dd", null, number(places, "canary", canaryText(canary))));
  places.set("canary-fact", element);
  return element;
}

function canaryText(canary) {
  return canary.ok ? canary.text : `alarm: ${canary.text}`;
}

function facts(overview, places) {
  const speed = overview.workers.reduce((sum, worker) => sum + worker.runs_per_second, 0);
  return h("dl", { class: "facts" },
    openFact(places, overview.open, "new"), openFact(places, overview.open, "confirmed"),
    openFact(places, overview.open, "flaky"),
    fact("runs a second", number(places, "speed", brief(speed))),
    fact("workers", number(places, "workers", String(overview.workers.length)), h("span", { class: "dim" },
      ` of ${overview.workers_max}`)),
    canaryFact(places, overview.canary),
    fact("up for", duration(overview.uptime_seconds)),
    fact("build", h("span", { class: "mono", title: overview.build?.digest },
      overview.build?.version ?? overview.version)));
}

function targetTable(overview, places) {
  const samples = new Map(overview.features.map((entry) => [entry.target, entry.samples]));
  const of = (target) => samples.get(target.name) ?? [];
  return table("Targets, and what their campaigns do", [
    { name: "Target", wide: true, cell: (t) => [targetLink(t.name), h("span", { class: "signature" }, t.summary)] },
    { name: "Runs", number: true, cell: (t) => number(places, `runs ${t.name}`, brief(t.runs)) },
    { name: "Runs/s", number: true, cell: (t) => number(places, `speed ${t.name}`, brief(t.runs_per_second)) },
    { name: "Runs/s, 24 h", cell: (t) => sparkline(rates(of(t)), `Runs a second of ${t.name} in the last 24 hours`) },
    { name: "Features", number: true, cell: (t) => number(places, `features ${t.name}`, count(t.features)) },
    { name: "Features, 24 h", cell: (t) => sparkline(of(t).map(([time, f]) => [time, f]),
      `Interleaving features of ${t.name} in the last 24 hours`) },
    { name: "Last new feature", number: true, cell: (t) => timeAgo(t.last_new_feature) },
    { name: "Open", number: true, cell: (t) => h("a", { href: `/findings?target=${encodeURIComponent(t.name)}` },
      number(places, `open ${t.name}`, count(t.open_findings))) },
  ], overview.targets, { empty: "No campaign has run yet." });
}

function workerTable(workers) {
  return table("Workers", [
    { name: "Campaign", wide: true, cell: (w) => targetLink(w.target, w.variant) },
    { name: "Engine", cell: (w) => w.engine },
    { name: "Sanitizer", cell: (w) => w.sanitizer },
    { name: "State", cell: (w) => w.state },
    { name: "Process", number: true, cell: (w) => h("span", { class: "mono" }, String(w.pid)) },
    { name: "Since", number: true, cell: (w) => timeAgo(w.since) },
    { name: "Runs", number: true, cell: (w) => brief(w.runs) },
    { name: "Runs/s", number: true, cell: (w) => brief(w.runs_per_second) },
    { name: "Features", number: true, cell: (w) => count(w.features) },
  ], workers, { empty: "No worker is up." });
}

function update(places, status) {
  const put = (name, text) => {
    const place = places.get(name);
    if (place) setText(place, text);
  };
  for (const [state, value] of Object.entries(status.open ?? {})) put(`open-${state}`, count(value));
  for (const target of status.targets ?? []) {
    put(`runs ${target.name}`, brief(target.runs));
    put(`speed ${target.name}`, brief(target.runs_per_second));
    put(`features ${target.name}`, count(target.features));
    put(`open ${target.name}`, count(target.open_findings));
  }
  if (status.workers) {
    put("workers", String(status.workers.length));
    put("speed", brief(status.workers.reduce((sum, worker) => sum + worker.runs_per_second, 0)));
  }
  if (status.canary) {
    put("canary", canaryText(status.canary));
    places.get("canary-fact").className = canaryClass(status.canary);
  }
}

// The table of workers lies last, so that its growing moves nothing that is read.
function followStatus(signal, places, workers) {
  whileShown(signal, "status", (status) => {
    update(places, status);
    if (status.workers &&
      !workers.contains(document.activeElement)) workers.replaceChildren(workerTable(status.workers));
  });
}

// The server also tells of old findings that were seen again.
function followFindings(signal, since, navigate) {
  const seen = new Set();
  whileShown(signal, "finding", (row) => {
    if (row.first_seen <= since || row.canary) return;
    seen.add(row.key);
    notice(`${plural(seen.size, "finding is new", "findings are new")} since this page was loaded.`,
      { label: "Show", run: () => navigate("/", { replace: true }) });
  });
}

export async function showOverview({ signal, navigate }) {
  const overview = await get("/overview", {}, signal);
  const places = new Map();
  const workers = h("div", { class: "workers" }, workerTable(overview.workers));
  followStatus(signal, places, workers);
  followFindings(signal, overview.now, navigate);
  return {
    title: "Overview",
    element: h("div", { class: "page" },
      h("h1", { class: "visually-hidden" }, "Overview"),
      facts(overview, places),
      section("recent", "Found last", findingTable("The findings that were first seen last",
        ["verdict", "title", "target", "state", "decisions", "first_seen"], overview.recent,
        { empty: "Nothing has been found yet." })),
      section("targets", "Targets", targetTable(overview, places)),
      section("workers", "Workers", workers)),
  };
}
