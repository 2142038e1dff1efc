// Which steps of a trace have a row of their own. A stretch in which one cpu runs alone and nothing happens that a
// reader must see becomes one row that can be opened. Pure.
//
// Step numbers grow along a trace but may have gaps: the rounds of a spin loop are one step already.
//
// May import: nothing.

// A shorter stretch would take as much room folded.
const kFoldMin = 4;

// Kinds that are never hidden in a stretch.
const kAlwaysShown = new Set([
  "wait-begin", "wait-end", "irq-enter", "irq-exit", "irq-raise", "softirq-enter", "softirq-exit", "softirq-raise",
  "irq-defer", "ipi", "migrate", "migrate-end", "demote", "preempt", "op-begin", "op-end", "stuck", "race",
  "cpu-create", "cpu-end", "free",
]);

// The numbers of the steps that must be seen: decisions, ends of spans and arrows, hand-overs, the fatal step.
export function importantSteps(explanation) {
  const important = new Set();
  const add = (step) => {
    if (step !== null && step !== undefined) important.add(step);
  };
  const { steps } = explanation;
  steps.forEach((step, i) => {
    if (step.decision || step.matters || step.fold || kAlwaysShown.has(step.kind)) add(step.n);
    if (i === 0 || steps[i - 1].cpu !== step.cpu || steps[i - 1].context !== step.context) add(step.n);
    if (i + 1 === steps.length || steps[i + 1].cpu !== step.cpu) add(step.n);
  });
  for (const span of explanation.spans ?? []) {
    if (span.kind === "operation") continue;
    add(span.from);
    add(span.to);
  }
  for (const arrow of explanation.arrows ?? []) {
    add(arrow.from_step);
    add(arrow.to_step);
  }
  for (const access of explanation.race?.accesses ?? []) add(access.step);
  add(explanation.fatal_step);
  add(explanation.near_pass?.parts_at_step);
  return important;
}

function stepRow(step) {
  return { kind: "step", first: step.n, last: step.fold?.last ?? step.n, cpu: step.cpu, level: step.context ?? 0,
    step };
}

function foldRow(steps) {
  const [first, last] = [steps[0], steps.at(-1)];
  return { kind: "fold", first: first.n, last: last.n, cpu: first.cpu, level: first.context ?? 0, steps };
}

// Rows, by step. `open`: "all", or the first steps of the stretches that are open.
export function rowsOf(explanation, important, open) {
  const rows = [];
  let stretch = [];
  const endStretch = () => {
    const isFolded = stretch.length >= kFoldMin && open !== "all" && !open.has(stretch[0].n);
    if (isFolded) rows.push(foldRow(stretch));
    else stretch.forEach((step, i) => rows.push({ ...stepRow(step), opens: stretch.length >= kFoldMin && i === 0 }));
    stretch = [];
  };
  for (const step of explanation.steps) {
    if (important.has(step.n)) {
      endStretch();
      rows.push(stepRow(step));
    } else {
      stretch.push(step);
    }
  }
  endStretch();
  return rows;
}

// Index of the row that shows step `n`, or of the last one before it; 0 if there is none before it.
export function rowIndexOf(rows, n) {
  let [low, high] = [0, rows.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (rows[middle].first <= n) low = middle;
    else high = middle - 1;
  }
  return low;
}
