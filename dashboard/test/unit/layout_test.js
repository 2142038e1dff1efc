// May import: check, fake_explanation, lanes/fold, lanes/layout.
import { equal, test, that } from "./check.js";
import { explanationOf } from "./fake_explanation.js";
import { importantSteps, rowsOf } from "/static/lanes/fold.js";
import { kRowHeight, layout } from "/static/lanes/layout.js";

function shapeOf(explanation, width = 1000) {
  return layout(explanation, rowsOf(explanation, importantSteps(explanation), "all"), { width, charWidth: 7 });
}

const kThree = "0 1 2 0 1 2";

test("wide lanes hold text, narrow ones are rails with the text behind them", () => {
  const wide = shapeOf(explanationOf(kThree));
  const narrow = shapeOf(explanationOf(kThree), 390);
  equal([wide.compact, narrow.compact], [false, true]);
  equal(wide.rows.slice(0, 3).map((row) => row.labelX).every((x, i, all) => i === 0 || x > all[i - 1]), true);
  equal(new Set(narrow.rows.map((row) => row.labelX)).size, 1);
  that(narrow.rows[0].labelX > narrow.lanes[2].x + narrow.lanes[2].railWidth, "text stands behind all rails");
});

test("a cpu that says much has the wider lane", () => {
  const explanation = explanationOf("0 1 1");
  explanation.steps[1].text = "fetch_or schedule_lock[0].pause_flags 0 -> 0x7be000000138";
  const { lanes, width } = shapeOf(explanation, 900);
  that(lanes[1].width > lanes[0].width + 100, "lane 1 is wider");
  equal(Math.round(lanes[1].x + lanes[1].width), width);
  const narrow = shapeOf(explanation, 520).lanes;
  that(narrow[0].labelChars >= 12, "the other one keeps its least");
});

test("lanes fill the width, and nothing lies outside", () => {
  for (const width of [320, 390, 800, 1400]) {
    const shape = shapeOf(explanationOf(kThree, { spans: [{ cpu: 2, from: 3, to: null, kind: "wait", name: "x" }] }),
      width);
    for (const box of [...shape.bars, ...shape.runs, ...shape.lanes.map((lane) => ({ ...lane, y: 0, height: 0 }))]) {
      that(box.x >= 0 && box.x + box.width <= width + 0.01, `inside ${width}`);
      that(box.y + box.height <= shape.height, "inside the height");
    }
  }
});

test("a handler lies over what it interrupts, one indent to the right, and a nested one two", () => {
  const handler = (from, to) => ({ cpu: 0, from, to, kind: "handler", name: "irq" });
  const shape = shapeOf(explanationOf("0 0. 0. 0. 0", { spans: [{ cpu: 0, from: 1, to: 5, kind: "operation",
    name: "f" },
    handler(2, 4), handler(3, 3)] }));
  const [operation, outer, inner] = shape.bars;
  equal([operation.kind, outer.kind, inner.kind], ["operation", "handler", "handler"]);
  that(operation.x < outer.x && outer.x < inner.x, "each further right");
  equal(outer.y, kRowHeight + 2);
  equal(outer.height, 3 * kRowHeight - 4);
});

test("a wait inside a handler is drawn over the handler", () => {
  const shape = shapeOf(explanationOf("0 0. 0. 0.", { spans: [{ cpu: 0, from: 3, to: 4, kind: "wait", name: "w" },
    { cpu: 0, from: 2, to: 4, kind: "handler", name: "irq" }] }));
  equal(shape.bars.map((bar) => bar.kind), ["handler", "wait"]);
  equal(shape.bars[0].x, shape.bars[1].x);
});

test("locks held at the same time stand side by side, one after another share a column", () => {
  const held = (from, to, name) => ({ cpu: 0, from, to, kind: "lock-held", name });
  const shape = shapeOf(explanationOf("0 0 0 0 0 0", { spans: [held(1, 3, "a"), held(2, 4, "b"), held(5, 6, "c")] }));
  const [a, b, c] = shape.bars;
  that(a.x !== b.x, "a and b overlap");
  equal(a.x, c.x);
  that(b.x + b.width < shape.lanes[0].barX, "locks stand left of the lane's own bar");
  equal(shape.lockNames.map((name) => name.text).length, 3);
});

test("a span without an end lasts to the last row", () => {
  const shape = shapeOf(explanationOf("0 0 0 0", { spans: [{ cpu: 0, from: 2, to: null, kind: "spin", name: "x" }] }));
  equal(shape.bars[0].y + shape.bars[0].height, shape.height - 2);
});

test("control goes over between rows, and a decision's hand-over is told apart", () => {
  const shape = shapeOf(explanationOf("0 0! 1 1 0"));
  equal(shape.handOvers.map((one) => [one.kind, one.y]), [["preemption", 2 * kRowHeight],
    ["gives-way", 4 * kRowHeight]]);
});

test("arrows between steps that are not told are left out", () => {
  const shape = shapeOf(explanationOf("0 1 0", { arrows: [{ from_step: 1, to_step: 2, kind: "ipi", text: "x" },
    { from_step: 1, to_step: 77, kind: "ipi", text: "x" }, { from_step: 1, to_step: 2, kind: "hand-over",
      text: "x" }] }));
  equal(shape.arrows.map((arrow) => [arrow.kind, arrow.from, arrow.to]), [["ipi", 1, 2]]);
});

test("text that is too long is cut, with an ellipsis", () => {
  const explanation = explanationOf("0 1 2");
  explanation.steps[0].text = "x".repeat(500);
  const { rows, lanes } = shapeOf(explanation);
  equal(rows[0].text.length, lanes[0].labelChars);
  equal(rows[0].text.at(-1), "\u2026");
});

test("the fatal step is marked, also inside a stretch", () => {
  const explanation = explanationOf("0 0 0 0 0 0 0 0", { fatal_step: 4 });
  equal(shapeOf(explanation).rows.map((row) => row.isFatal).indexOf(true), 3);
  const folded = layout(explanation, rowsOf(explanation, new Set([1, 8]), new Set()), { width: 900, charWidth: 7 });
  equal(folded.rows.map((row) => row.isFatal), [false, true, false]);
});

test("a cpu that is only created later has a lane", () => equal(shapeOf(explanationOf("0 3")).lanes.length, 4));

test("5,000 steps of 8 cpus are laid out in one go", () => {
  const words = Array.from({ length: 5000 }, (_, i) => String((i >> 2) % 8)).join(" ");
  const spans = Array.from({ length: 500 }, (_, i) => ({ cpu: i % 8, from: i * 10 + 1, to: i * 10 + 9,
    kind: "lock-held", name: "l" }));
  const shape = shapeOf(explanationOf(words, { spans }), 1400);
  equal(shape.height, 5000 * kRowHeight);
  equal(shape.bars.length, 500);
});
