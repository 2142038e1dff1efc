// May import: check, fake_explanation, lanes/words, lanes/fold.
import { equal, test } from "./check.js";
import { explanationOf } from "./fake_explanation.js";
import { rowsOf } from "/static/lanes/fold.js";
import { place, rowSentence, shorten, spanWords, spansAt, stateChanges } from "/static/lanes/words.js";

test("a place has the file's name without its folder", () => {
  equal(place({ function: "f", file: "targets/x/lock.cc", line: 7 }), "f (lock.cc:7)");
  equal(place({ function: "f", file: "", line: 0 }), "f");
  equal(place({ function: null, file: null }), "");
});

test("a text is cut by characters, not in the middle of one", () => {
  equal(shorten("abcdef", 6), "abcdef");
  equal(shorten("abcdef", 4), "abc\u2026");
  equal(shorten("\u{1f600}\u{1f600}\u{1f600}", 2), "\u{1f600}\u2026");
  equal(shorten("abc", 1), "");
});

test("a row's sentence says cpu, context, text, place and decision", () => {
  const explanation = explanationOf("0 1.!", { fatal_step: 2 });
  const [first, second] = rowsOf(explanation, new Set([1, 2]), "all");
  equal(rowSentence(explanation, first), "Step 1, cpu0; load word = 1; in f1 (lock.cc:1).");
  equal(rowSentence(explanation, second), "Step 2, cpu1 in irq 3; load word = 2; in f2 (lock.cc:2); " +
    "decision, preemption: cpu1 goes to the back; this is the fatal step.");
});

test("what a step lies in is of its own cpu", () => {
  const explanation = explanationOf("0 1 0", { spans: [{ cpu: 0, from: 1, to: null, kind: "wait", name: "a" },
    { cpu: 1, from: 1, to: 3, kind: "wait", name: "b" }, { cpu: 0, from: 1, to: 2, kind: "wait", name: "c" }] });
  equal(spansAt(explanation, explanation.steps[2]).map((span) => span.name), ["a"]);
});

test("a span's kind is not said twice", () => {
  equal(spanWords({ kind: "spin", name: "spin on lock.head" }), { word: "spins on", name: "lock.head" });
  equal(spanWords({ kind: "wait", name: "wait" }), { word: "waits", name: "" });
  equal(spanWords({ kind: "lock-held", name: "waiters.lock" }), { word: "holds", name: "waiters.lock" });
});

test("states that a step changes are told with both values", () => {
  const states = { columns: ["a", "b"], rows: [{ step: 1, values: ["0", "x"] }, { step: 2, values: ["1", "x"] }] };
  equal(stateChanges({ states }, 2), [{ name: "a", from: "0", to: "1" }]);
  equal(stateChanges({ states }, 1), []);
  equal(stateChanges({ states: null }, 1), []);
});
