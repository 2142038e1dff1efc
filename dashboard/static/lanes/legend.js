// What the marks of the lane diagram mean; only those that the diagram at hand has.
//
// May import: dom, lanes/draw.
import { h, s } from "../dom.js";
import { decisionMark } from "./draw.js";

const kBars = [["operation", "an operation of the program"],
  ["handler", "an interrupt handler, over what it interrupts"], ["lock-held", "holds a lock, as told or inferred"], ["wait", "waits"], ["spin", "spins"],
  ["migrated-away", "migrated away"]];
const kDecisions = [["preemption", "preempted: goes to the back"], ["interrupt", "an interrupt is raised here"],
  ["deferral", "an interrupt is held back"], ["migration", "told to migrate"]];
const kArrows = [["ipi", "inter-processor interrupt"], ["wakeup", "wakes up"], ["migration", "migrates to"],
  ["race", "races with"]];

function entry(text, ...shapes) {
  return h("li", null, s("svg", { width: 28, height: 16, "aria-hidden": "true" }, shapes), text);
}

function barEntry([kind, text]) {
  const fill = { wait: "url(#hatch-wait)", spin: "url(#hatch-spin)" }[kind];
  const width = kind === "lock-held" ? 4 : 12;
  return entry(text, s("rect", { class: `bar bar-${kind}`, x: 14 - width / 2, y: 1, width, height: 14, rx: 2, fill }));
}

export function legend(explanation) {
  const spans = new Set((explanation.spans ?? []).map((span) => span.kind));
  const decisions = new Set(explanation.steps.map((step) => step.decision?.kind));
  const arrows = new Set((explanation.arrows ?? []).map((arrow) => arrow.kind));
  const hasOthers = explanation.steps.some((step) => step.cpu !== explanation.steps[0].cpu);
  return h("ul", { class: "legend", "aria-label": "What the marks mean" },
    entry("runs", s("rect", { class: "run", x: 11, y: 1, width: 6, height: 14, rx: 2 })),
    kBars.filter(([kind]) => spans.has(kind)).map(barEntry),
    kDecisions.filter(([kind]) => decisions.has(kind)).map(([kind, text]) => entry(text, decisionMark(kind, 14, 8))),
    !hasOthers ? null : entry("another cpu goes on", s("path", { class: "hand-over gives-way", d: "M6 3V8H22V13" })),
    decisions.has("preemption") ? entry("... because of a decision", s("path",
      { class: "hand-over preemption", d: "M6 3V8H22V13" })) : null,
    kArrows.filter(([kind]) => arrows.has(kind)).map(([kind, text]) =>
      entry(text, s("path", { class: `arrow arrow-${kind}`, d: "M2 8H20", "marker-end": `url(#head-${kind})` }))),
    explanation.fatal_step ? entry("the fatal step", s("path", { class: "fatal-mark", d: "M9 3l10 10m0 -10l-10 10" }))
      : null);
}
