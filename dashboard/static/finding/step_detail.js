// The panel beside the lanes: everything that is known of the selected step, as text.
//
// May import: dom, lanes/words, lanes/steps.
import { h, replaceContent } from "../dom.js";
import { cpuName, place, rowText, spanWords, spansAt, stateChanges } from "../lanes/words.js";

function entry(label, ...text) {
  return [h("dt", null, label), h("dd", null, text)];
}

function stepEntries(explanation, step) {
  const spans = spansAt(explanation, step);
  return [
    entry("on", cpuName(explanation, step.cpu), step.context > 0 ? ` in ${step.context_name}` : " in the task"),
    entry("in", h("code", null, place(step) || "-")),
    step.callers?.length ? entry("called from", h("code", null, step.callers.join(" < "))) : null,
    step.fold ? entry("folded", step.fold.rounds > 0 ? `${step.fold.rounds} rounds of a loop`
      : `steps ${step.n} to ${step.fold.last}`) : null,
    spans.map(spanWords).map(({ word, name }) => entry(word, h("code", null, name))),
    stateChanges(explanation, step.n).map((change) =>
      entry("changes", h("code", null, `${change.name}: ${change.from} \u2192 ${change.to}`))),
    (explanation.arrows ?? []).filter((arrow) => arrow.kind !== "hand-over" &&
      (arrow.from_step === step.n || arrow.to_step === step.n))
      .map((arrow) => entry(arrow.kind, arrow.text, arrow.from_step === step.n ? ` (to step ${arrow.to_step})`
        : ` (from step ${arrow.from_step})`)),
  ];
}

function content(steps) {
  const { explanation } = steps;
  const row = steps.toldRow;
  if (!row) return h("p", { class: "dim" }, "The run has no steps.");
  if (row.kind === "fold") {
    return [h("h3", null, `Steps ${row.first} to ${row.last}`), h("p", null,
      `${cpuName(explanation, row.cpu)}: ${rowText(row)}`),
      h("button", { type: "button", on: { click: () => steps.toggle(row.first) } }, "Open these steps")];
  }
  const { step } = row;
  return [
    h("h3", null, `Step ${step.n}`, step.n === explanation.fatal_step ? h("span", { class: "badge fatal" }, "fatal")
      : null),
    h("p", { class: "what" }, step.text),
    step.decision ? h("p", { class: `decided decided-${step.decision.kind}` }, h("b", null, `${step.decision.kind}: `),
      step.decision.text) : null,
    h("dl", null, stepEntries(explanation, step)),
    row.opens && steps.open !== "all" ? h("button", { type: "button", on: { click: () => steps.toggle(row.first) } },
      "Fold this stretch") : null,
  ];
}

export function stepDetail(steps) {
  const panel = h("aside", { class: "step-detail", "aria-label": "The selected step" });
  const draw = () => replaceContent(panel, content(steps));
  for (const event of ["selected", "previewed", "rows"]) steps.addEventListener(event, draw);
  draw();
  return panel;
}
