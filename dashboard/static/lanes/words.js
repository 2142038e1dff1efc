// A step as text: for its row, for the panel that reads it, and for a screen reader. Pure.
//
// May import: nothing.

export const cpuName = (explanation, cpu) => explanation.cpus?.[cpu]?.name ?? `cpu${cpu}`;

export function place(step) {
  if (!step.function) return step.file ? `${step.file}:${step.line}` : "";
  return step.file ? `${step.function} (${step.file.split("/").at(-1)}:${step.line})` : step.function;
}

export function rowText(row) {
  if (row.kind === "step") return row.step.text;
  const names = [...new Set(row.steps.map((step) => step.function).filter(Boolean))];
  const where = names.length > 2 ? `${names[0]} \u2026 ${names.at(-1)}` : names.join(", ");
  return `${row.steps.length} steps alone${where ? `: ${where}` : ""}`;
}

// Cut at the end to `most` characters, with an ellipsis.
export function shorten(text, most) {
  const characters = [...text];
  if (characters.length <= most) return text;
  return most <= 1 ? "" : `${characters.slice(0, most - 1).join("").trimEnd()}\u2026`;
}

// What a screen reader says of a row.
export function rowSentence(explanation, row) {
  const cpu = cpuName(explanation, row.cpu);
  if (row.kind === "fold") {
    return `Steps ${row.first} to ${row.last}, ${cpu} runs alone: ${rowText(row)}. Enter opens them.`;
  }
  const { step } = row;
  const parts = [`Step ${step.n}, ${cpu}`];
  if (step.context > 0) parts[0] += ` in ${step.context_name ?? "a handler"}`;
  parts.push(step.text);
  if (place(step)) parts.push(`in ${place(step)}`);
  if (step.decision) parts.push(`decision, ${step.decision.kind}: ${step.decision.text}`);
  if (step.n === explanation.fatal_step) parts.push("this is the fatal step");
  return `${parts.join("; ")}.`;
}

// Spans of the step's cpu that the step lies in: what it holds, what it is in.
export function spansAt(explanation, step) {
  return (explanation.spans ?? []).filter((span) => span.cpu === step.cpu && span.from <= step.n &&
    (span.to === null || span.to === undefined || step.n <= span.to));
}

const kSpanWords = { operation: "operation", handler: "in handler", "lock-held": "holds", wait: "waits",
  spin: "spins on",
  "migrated-away": "migrated away" };

// A span as a word for its kind and the name of what it is about; the kind is not said twice.
export function spanWords(span) {
  return { word: kSpanWords[span.kind] ?? span.kind,
    name: (span.name ?? "").replace(/^(spins? on|waits?( for| in)?)\b ?/, "") };
}

// The explanation marks the steps that its short story is made of; a row of none of them is minor.
export function isMinor(row) {
  return (row.kind === "fold" ? row.steps[0] : row.step).matters === false;
}

// Names of states that the target shows and that this step changed: [{name, from, to}].
export function stateChanges(explanation, n) {
  const rows = explanation.states?.rows ?? [];
  const at = rows.findIndex((row) => row.step === n);
  if (at <= 0) return [];
  return explanation.states.columns.map((name, i) => ({ name, from: rows[at - 1].values[i], to: rows[at].values[i] }))
    .filter((change) => change.from !== change.to);
}
