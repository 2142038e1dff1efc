// Explanations for tests, from a small language: one word a step, "0" a step of cpu 0, "1!" one with a decision,
// "0." one in a handler.
//
// May import: nothing.

export function explanationOf(words, more = {}) {
  const steps = words.trim().split(/\s+/).map((word, i) => ({
    n: i + 1, cpu: Number(word[0]), function: `f${i + 1}`, file: "a/lock.cc", line: i + 1, kind: "load",
    text: `load word = ${i + 1}`, context: word.includes(".") ? 1 : 0, context_name: word.includes(".") ? "irq 3"
      : "task",
    operation: null, decision: word.includes("!") ? { kind: "preemption", text: `cpu${word[0]} goes to the back` }
      : null, fold: null,
  }));
  const cpus = [...new Set(steps.map((step) => step.cpu))].sort().map((cpu) => ({ name: `cpu${cpu}`, program: [] }));
  return { cpus, steps, spans: [], arrows: [], fatal_step: null, near_pass: null, race: null, states: null, ...more };
}
