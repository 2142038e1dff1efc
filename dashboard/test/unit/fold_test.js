// May import: check, fake_explanation, lanes/fold.
import { equal, test } from "./check.js";
import { explanationOf } from "./fake_explanation.js";
import { importantSteps, rowIndexOf, rowsOf } from "/static/lanes/fold.js";

// One word a row: "3" a step, "3-7" a stretch.
function rowsAsText(explanation, open = new Set()) {
  return rowsOf(explanation, importantSteps(explanation), open)
    .map((row) => (row.kind === "fold" ? `${row.first}-${row.last}` : `${row.first}`)).join(" ");
}

test("a stretch of one cpu is one row; its first and last step are seen", () => {
  equal(rowsAsText(explanationOf("0 0 0 0 0 0 1 1")), "1 2-5 6 7 8");
});

test("a short stretch is not folded", () => equal(rowsAsText(explanationOf("0 0 0 0 0 1")), "1 2 3 4 5 6"));

test("a decision, a handler's edge and the fatal step are seen", () => {
  equal(rowsAsText(explanationOf("0 0 0 0 0 0! 0 0 0 0 0 0")), "1 2-5 6 7-11 12");
  equal(rowsAsText(explanationOf("0 0 0 0 0 0. 0. 0. 0. 0. 0.")), "1 2-5 6 7-10 11");
  equal(rowsAsText(explanationOf("0 0 0 0 0 0 0 0 0 0 0", { fatal_step: 6 })), "1 2-5 6 7-10 11");
});

test("ends of spans and arrows are seen, but for operations", () => {
  const span = (kind) => ({ spans: [{ cpu: 0, from: 6, to: 7, kind, name: "x" }] });
  equal(rowsAsText(explanationOf("0 ".repeat(12), span("lock-held"))), "1 2-5 6 7 8-11 12");
  equal(rowsAsText(explanationOf("0 ".repeat(12), span("operation"))), "1 2-11 12");
  equal(rowsAsText(explanationOf("0 ".repeat(11), { arrows: [{ from_step: 1, to_step: 6, kind: "ipi" }] })),
    "1 2-5 6 7-10 11");
});

test("an open stretch shows its steps, and all are open at once", () => {
  const explanation = explanationOf("0 ".repeat(13), { fatal_step: 7 });
  equal(rowsAsText(explanation), "1 2-6 7 8-12 13");
  equal(rowsAsText(explanation, new Set([8])), "1 2-6 7 8 9 10 11 12 13");
  equal(rowsAsText(explanation, "all"), "1 2 3 4 5 6 7 8 9 10 11 12 13");
});

test("every step is in exactly one row", () => {
  const explanation = explanationOf("0 0 0 0 0 1! 1 1 1 1 1 1 1. 1. 1. 1. 1. 1. 1 0 0 0 2 2 2 2 2 2 2");
  const rows = rowsOf(explanation, importantSteps(explanation), new Set());
  const covered = rows.flatMap((row) => (row.kind === "fold" ? row.steps : [row.step])).map((step) => step.n);
  equal(covered, explanation.steps.map((step) => step.n));
});

test("the row of a step is found where numbers have gaps", () => {
  const explanation = explanationOf("0 0 1 1");
  explanation.steps.forEach((step, i) => (step.n = i * 10 + 1));
  const rows = rowsOf(explanation, importantSteps(explanation), new Set());
  equal([0, 1, 5, 11, 21, 30, 31, 99].map((n) => rowIndexOf(rows, n)), [0, 0, 0, 1, 2, 2, 3, 3]);
});

test("a run without steps has no rows", () => {
  equal(rowsOf({ steps: [] }, new Set(), new Set()), []);
  equal(rowIndexOf([], 5), 0);
});
