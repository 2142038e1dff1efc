// What stands beside the steps: the nearest passing schedule, both sanitizers' reports, the racing accesses, where each
// cpu stands at the end.
//
// May import: dom, badges, lanes/words.
import { h } from "../dom.js";
import { cpuName, place } from "../lanes/words.js";

// Steps shown before and behind the place where two runs part.
const kBefore = 4;
const kBehind = 16;

// The steps around the one at which the runs part: step `partsAt`, or the first one behind it if it is in no row.
function stepLines(explanation, steps, partsAt) {
  const at = Math.max(0, steps.findIndex((step) => step.n >= partsAt));
  const shown = steps.slice(Math.max(0, at - kBefore), at + kBehind);
  return h("ol", { class: "compare" }, shown.map((step) => h("li", { class: step === steps[at] ? "parts" : null },
    h("span", { class: "number" }, String(step.n)), h("span", { class: "cpu" }, cpuName(explanation, step.cpu)),
    h("span", { class: "what" }, step.text, place(step) ? h("span", { class: "dim" }, `  ${place(step)}`) : null,
      step === steps[at] ? h("span", { class: "tag parts-tag" }, "parts here") : null))));
}

export function nearPass(explanation) {
  const near = explanation.near_pass;
  const partsAt = near.parts_at_step;
  if (partsAt === null || partsAt === undefined) return h("p", null, near.text);
  return [
    h("p", null, near.text),
    h("div", { class: "two" },
      h("section", { class: "fails" }, h("h3", null, `This one: ${explanation.verdict}`),
        stepLines(explanation, explanation.steps, partsAt)),
      h("section", { class: "passes" }, h("h3", null, "The nearest one that passes"),
        near.directives?.length ? h("ul", { class: "directives" }, near.directives.map((text) => h("li",
          { class: "mono" }, text))) : null,
        stepLines(explanation, near.steps ?? [], partsAt))),
  ];
}

// Innermost first; a frame that says its context begins a new part of the stack where the context changes.
function frames(stack) {
  return h("ol", { class: "stack" }, (stack ?? []).map((frame, i) => [
    frame.context && frame.context !== stack[i - 1]?.context
      ? h("li", { class: "context" }, i === 0 ? `in ${frame.context}` : `which interrupted ${frame.context}`) : null,
    h("li", null, h("code", null, place(frame)))]));
}

export function race(explanation) {
  const { accesses, memory, missing } = explanation.race;
  return [
    memory ? h("p", null, "Both touch ", h("code", null, memory), ".") : null,
    h("div", { class: "two" }, accesses.map((access, i) => h("section", null,
      h("h3", null, `${i === 0 ? "First" : "Second"}: ${access.kind}, ${cpuName(explanation, access.cpu)}`,
        access.step ? h("span", { class: "dim" }, ` step ${access.step}`) : null), frames(access.stack)))),
    missing?.length ? h("pre", { class: "missing" }, missing.join("\n")) : null,
  ];
}

const kActivityWords = { idle: "is idle: its program has ended", ended: "has ended" };

function cpuEnding(explanation, one) {
  const preposition = { waits: " for", spins: " on" }[one.activity] ?? "";
  const words = (kActivityWords[one.activity] ?? one.activity) + (one.on ? preposition : "");
  return h("section", null,
    h("h3", null, `${cpuName(explanation, one.cpu)} ${words}`, one.on ? [" ", h("code", null, one.on)] : null),
    h("p", { class: "dim" }, one.irqs_enabled === false ? "interrupts disabled" : "interrupts enabled",
      one.pending?.length ? `; pending: ${one.pending.join(", ")}` : null),
    frames(one.stack?.length ? one.stack : one.function ? [one] : []));
}

export function ending(explanation) {
  const { lines, cpus } = explanation.ending;
  if (!cpus?.length) return h("pre", { class: "ending-lines" }, lines.join("\n"));
  return [h("div", { class: "endings" }, cpus.map((one) => cpuEnding(explanation, one))),
    lines?.length ? h("details", null, h("summary", null, "In full"), h("pre", { class: "ending-lines" },
      lines.join("\n"))) : null];
}

function report(tests, sanitizer, name) {
  const test = tests.find((one) => one.sanitizer === sanitizer && one.sanitizer_report) ??
    tests.find((one) => one.sanitizer === sanitizer);
  let body = h("p", { class: "empty" }, "The repro has not been replayed under it yet.");
  if (test) {
    body = test.sanitizer_report ? h("pre", { class: "report", tabindex: "0" }, test.sanitizer_report)
      : h("p", { class: "empty" }, `It reports nothing: ${test.same} of ${test.replays} replays end as found.`);
  }
  return h("section", null, h("h3", null, name, test ? h("span", { class: "dim" },
    ` ${test.variant}, build ${test.build}`) : null), body);
}

export function sanitizers(tests) {
  return h("div", { class: "two" }, report(tests, "thread", "ThreadSanitizer"),
    report(tests, "address", "AddressSanitizer"));
}
