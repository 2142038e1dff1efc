// One finding, from the sentence that names it to the files that keep it. ?step=N is the step that is selected, and
// ?open=all opens every stretch, so a place in a run has an address.
//
// May import: everything of finding/, lanes/, waits_for/ and what they import.
import { h, replaceContent, section, setText } from "../dom.js";
import { findingPath, get } from "../api.js";
import { notice, whileShown } from "../live.js";
import { withQuery } from "../router.js";
import { regressionBadge, stateBadge, targetLink, verdictBadge } from "../badges.js";
import { timeAgo } from "../time.js";
import { plural } from "../numbers.js";
import { Steps } from "../lanes/steps.js";
import { LaneDiagram } from "../lanes/draw.js";
import { cpuName } from "../lanes/words.js";
import { legend } from "../lanes/legend.js";
import { waitsFor } from "../waits_for/draw.js";
import { stepDetail } from "../finding/step_detail.js";
import { StepTable } from "../finding/step_table.js";
import { command } from "../finding/copy.js";
import { notes, stateForm } from "../finding/triage.js";
import { ending, nearPass, race, sanitizers } from "../finding/evidence.js";
import { downloads, minimization, sightings, tests } from "../finding/history.js";

// A longer table is drawn when it is asked for.
const kTableRowsAtOnce = 600;

function heading(finding) {
  return [
    h("p", { class: "crumbs" }, verdictBadge(finding.verdict), " in ", targetLink(finding.target, finding.variant),
      finding.canary ? h("span", { class: "badge canary" }, "canary: it is meant to be found") : null),
    h("h1", { class: "finding-title" }, finding.title || finding.signature),
    h("p", { class: "signature" }, finding.signature),
  ];
}

function stateLine(finding, places) {
  places.state = h("span", { id: "state-shown" }, stateBadge(finding.state));
  places.sightings = h("span", null, plural(finding.sightings, "time"));
  places.form = stateForm(finding, (row) => replaceContent(places.state, stateBadge(row.state)));
  return h("div", { class: "state-line" }, places.state,
    finding.regression ? h("span", null, "newest build: ", regressionBadge(finding.regression)) : null,
    finding.state === "duplicate" && finding.duplicate_of
      ? h("span", null, "of ", h("a", { href: findingPath(finding.duplicate_of) }, finding.duplicate_of)) : null,
    h("span", null, "seen ", places.sightings, ", first ", timeAgo(finding.first_seen), " with build ",
      h("span", { class: "mono", title: finding.first_build?.digest }, finding.first_build?.version ?? "-")),
    finding.replays ? h("span", null, `reproduced in ${finding.reproduced} of ${finding.replays} replays`) : null,
    places.form);
}

function stepsFrom(explanation, query) {
  const wanted = Number(query.get("step"));
  const selected = Number.isInteger(wanted) && wanted > 0 ? wanted : null;
  const steps = new Steps(explanation, { selected, openAll: query.get("open") === "all" });
  const remember = () => history.replaceState(history.state, "", withQuery({ step: String(steps.selected),
    open: steps.open === "all" ? "all" : null }));
  steps.addEventListener("selected", remember);
  steps.addEventListener("rows", remember);
  return steps;
}

function openButton(steps) {
  const button = h("button", { type: "button", id: "open-all", class: "plain" });
  const show = () => setText(button, steps.open === "all" ? "Fold stretches" : "Show every step");
  button.addEventListener("click", () => steps.setAllOpen(steps.open !== "all"));
  steps.addEventListener("rows", show);
  show();
  return button;
}

// The decisions of the schedule in their order, and the step that they lead to: the run in one look.
function decisionList(explanation, steps) {
  const entries = explanation.steps.filter((step) => step.decision || step.n === explanation.fatal_step);
  const go = (step) => (event) => {
    event.preventDefault();
    steps.select(step.n);
    document.getElementById("lanes").focus({ preventScroll: true });
  };
  const words = (step) => (step.decision ? `${step.decision.kind}: ${step.decision.text}` : `fatal: ${step.text}`);
  return h("ol", { class: "decisions", "aria-label": "Decisions of the schedule" }, entries.map((step) => h("li", null,
    h("a", { href: withQuery({ step: String(step.n) }), on: { click: go(step) } }, `step ${step.n}`),
    ` ${cpuName(explanation, step.cpu)}, ${words(step)}`)));
}

function lanesSection(explanation, steps, signal) {
  const folded = steps.rows.some((row) => row.kind === "fold") || steps.open === "all";
  return section("run", "The run",
    h("p", { class: "section-note" }, `${plural(explanation.steps.length, "step")}, time downward. `,
      "Arrow keys go from step to step, n and p to the next and the previous decision. ",
      folded ? openButton(steps) : null,
      explanation.cut ? " The run is longer; these are its last steps." : null),
    decisionList(explanation, steps),
    h("div", { class: "lanes-and-detail" }, new LaneDiagram(steps, signal).element,
      stepDetail(steps)), legend(explanation));
}

function tableSection(steps) {
  const place = h("div");
  const draw = () => replaceContent(place, new StepTable(steps).element);
  if (steps.rows.length <= kTableRowsAtOnce) draw();
  else replaceContent(place, h("button", { type: "button", id: "draw-table", on: { click: draw } },
    `Show ${plural(steps.rows.length, "row")}`));
  return section("steps", "Step by step", place);
}

function explained({ explanation, title }, query, signal) {
  if (!explanation) {
    return section("run", "The run",
      h("p", { class: "empty" }, "It is being triaged: replayed, minimized and explained. ",
      "This page says so when that is done."));
  }
  const steps = stepsFrom(explanation, query);
  return [
    explanation.summary && !title.includes(explanation.summary) ? h("p", { class: "summary" }, explanation.summary)
      : null,
    explanation.steps?.length ? lanesSection(explanation, steps, signal) : null,
    explanation.waits_for?.edges?.length ? section("waits", "Who waits for whom", waitsFor(explanation.waits_for))
      : null,
    explanation.race ? section("race", "What races", race(explanation)) : null,
    explanation.ending?.cpus?.length || explanation.ending?.lines?.length
      ? section("ending", "Where each cpu stands", ending(explanation)) : null,
    explanation.steps?.length ? tableSection(steps) : null,
    explanation.near_pass ? section("near", "The nearest schedule that passes", nearPass(explanation)) : null,
  ];
}

function follow(finding, places, signal, navigate) {
  whileShown(signal, "finding", (row) => {
    if (row.key !== finding.key) return;
    setText(places.sightings, plural(row.sightings, "time"));
    if (row.state !== finding.state) {
      finding.state = row.state;
      replaceContent(places.state, stateBadge(row.state));
      places.form.show(row.state);
    }
    if (row.triaged && !finding.triaged) {
      notice("This finding has been triaged.", { label: "Show", run: () =>
        navigate(location.pathname + location.search, { replace: true }) });
    }
  });
}

export async function showFinding({ parameters: [key], query, signal, navigate }) {
  const finding = await get(findingPath(key), {}, signal);
  const places = {};
  const element = h("article", { class: "page finding" },
    heading(finding),
    stateLine(finding, places),
    h("details", { class: "notes-fold", open: finding.notes.length > 0 },
      h("summary", { id: "notes-summary" }, `Notes (${finding.notes.length})`), notes(finding)),
    section("replay", "Replay it", finding.command ? command(finding.command) : null,
      finding.story ? h("p", { class: "story", id: "story" }, finding.story) : null),
    explained(finding, query, signal),
    section("sanitizers", "What the sanitizers say", sanitizers(finding.tests ?? [])),
    h("div", { class: "two" }, section("minimization", "How it was minimized", minimization(finding)),
      section("downloads", "Downloads", downloads(finding))),
    section("sightings", "Sightings", sightings(finding)),
    section("tests", "Re-tests", tests(finding)));
  follow(finding, places, signal, navigate);
  return { title: finding.title || finding.signature, element };
}
