// From an explanation and its rows to places of a lane diagram: time downward, one row a step, one lane a cpu. Where a
// lane has room for text, each step's text stands in the lane of its cpu, as in the comments of kernel patches;
// otherwise the lanes are narrow rails and the text stands to the right of them all. Pure.
//
//   gutter | lane of cpu 0               | lane of cpu 1
//     43   | locks bars  text of a step  | locks bars  text
//
// A lane's bars: level 0 is the task, level 1 a handler over it, drawn one indent to the right, and so on.
//
// May import: lanes/fold, lanes/words.
import { rowIndexOf } from "./fold.js";
import { place, rowText, shorten } from "./words.js";

export const kRowHeight = 20;
const kGutter = 50;
const kBarWidth = 12;
const kIndent = 8;
const kLockWidth = 7;
const kLanePad = 8;
// A lane with fewer characters for text becomes a rail.
const kTextCharsMin = 22;

const endOf = (span, lastStep) => span.to ?? lastStep;
const contains = (outer, inner, lastStep) =>
  outer !== inner && outer.cpu === inner.cpu && outer.from <= inner.from && endOf(outer, lastStep) >= endOf(inner, lastStep);

// How many handlers a span lies in; a handler lies one deeper than what it interrupts. Of two handlers with the same
// ends the earlier one of the list is the outer one.
function levelOf(span, handlers, lastStep) {
  const around = handlers.filter((handler, i) => contains(handler, span, lastStep) &&
    !(contains(span, handler, lastStep) && i > handlers.indexOf(span) && span.kind === "handler"));
  return around.length + (span.kind === "handler" ? 1 : 0);
}

// First column that is free, for spans that may overlap; the list is sorted by `from`.
function columnsOf(spans, lastStep) {
  const ends = [];
  const columns = new Map();
  for (const span of spans) {
    let column = ends.findIndex((end) => end < span.from);
    if (column < 0) column = ends.length;
    ends[column] = endOf(span, lastStep);
    columns.set(span, column);
  }
  return { columns, count: ends.length };
}

function cpuCount(explanation) {
  return explanation.steps.reduce((most, step) => Math.max(most, step.cpu + 1), explanation.cpus?.length ?? 0);
}

function laneShapes(explanation, levels, lastStep) {
  const lanes = [];
  for (let cpu = 0; cpu < cpuCount(explanation); ++cpu) {
    const locks = (explanation.spans ?? []).filter((span) => span.cpu === cpu && span.kind === "lock-held")
      .sort((a, b) => a.from - b.from);
    const { columns, count } = columnsOf(locks, lastStep);
    const deepest = Math.max(0, ...explanation.steps.filter((step) => step.cpu === cpu).map((step) => step.context ?? 0),
      ...[...levels].filter(([span]) => span.cpu === cpu).map(([, level]) => level));
    lanes.push({ cpu, lockColumns: columns, locksWidth: count * kLockWidth, deepest,
      railWidth: kLanePad + count * kLockWidth + kBarWidth + deepest * kIndent + kLanePad });
  }
  return lanes;
}

// Gives each lane its x, barX, labelX and labelChars.
function placeLanes(lanes, width, charWidth) {
  const room = (width - kGutter) / lanes.length;
  const chars = (lane) => Math.floor((room - lane.railWidth - kLanePad) / charWidth);
  const compact = lanes.some((lane) => chars(lane) < kTextCharsMin) && lanes.length > 1;
  let x = kGutter;
  const railsEnd = kGutter + lanes.reduce((sum, lane) => sum + lane.railWidth, 0);
  for (const lane of lanes) {
    lane.x = x;
    lane.width = compact ? lane.railWidth : room;
    lane.barX = x + kLanePad + lane.locksWidth;
    lane.labelX = compact ? railsEnd + kLanePad : x + lane.railWidth + 2;
    lane.labelChars = compact ? Math.floor((width - railsEnd - 2 * kLanePad) / charWidth) : chars(lane);
    x += lane.width;
  }
  return compact;
}

const middleX = (lane, level) => lane.barX + level * kIndent + kBarWidth / 2;
const middleY = (row) => row * kRowHeight + kRowHeight / 2;

function barOf(span, lane, level, rows, lastStep) {
  const [from, to] = [rowIndexOf(rows, span.from), rowIndexOf(rows, endOf(span, lastStep))];
  const box = { kind: span.kind, name: span.name, cpu: span.cpu, from: span.from, to: endOf(span, lastStep),
    y: from * kRowHeight + 2, height: (to - from + 1) * kRowHeight - 4 };
  if (span.kind === "lock-held") {
    return { ...box, x: lane.x + kLanePad + lane.lockColumns.get(span) * kLockWidth - 3, width: kLockWidth - 3 };
  }
  return { ...box, x: lane.barX + level * kIndent, width: kBarWidth };
}

// Stretches of rows in which a cpu runs at one level without another cpu between.
function runs(rows, lanes) {
  const found = [];
  rows.forEach((row, i) => {
    const last = found.at(-1);
    if (last && last.cpu === row.cpu && last.level === row.level) last.to = i;
    else found.push({ cpu: row.cpu, level: row.level, from: i, to: i });
  });
  return found.map((run) => ({ cpu: run.cpu, level: run.level, x: middleX(lanes[run.cpu], run.level) - 3, width: 6,
    y: run.from * kRowHeight + 4, height: (run.to - run.from + 1) * kRowHeight - 8 }));
}

// Where control goes from one cpu to another: at the edge between two rows.
function handOvers(rows, lanes) {
  const found = [];
  for (let i = 1; i < rows.length; ++i) {
    const [before, after] = [rows[i - 1], rows[i]];
    if (before.cpu === after.cpu) continue;
    const decided = before.step?.decision?.kind === "preemption" || after.step?.decision?.kind === "preemption";
    const [x1, x2] = [middleX(lanes[before.cpu], before.level), middleX(lanes[after.cpu], after.level)];
    found.push({ kind: decided ? "preemption" : "gives-way", row: i, fromX: x1, toX: x2, y: i * kRowHeight,
      path: `M${x1} ${i * kRowHeight - 5}V${i * kRowHeight}H${x2}V${i * kRowHeight + 5}` });
  }
  return found;
}

// An arrow between two steps: a curve that leaves and arrives sideways; within one lane it swings out to the left.
function arrowPath(from, to) {
  if (from.x === to.x) return `M${from.x - 6} ${from.y}C${from.x - 26} ${from.y} ${to.x - 26} ${to.y} ${to.x - 8} ${to.y}`;
  const direction = to.x > from.x ? 1 : -1;
  const [x1, x2] = [from.x + 6 * direction, to.x - 9 * direction];
  const bend = (x2 - x1) / 2;
  return `M${x1} ${from.y}C${x1 + bend} ${from.y} ${x2 - bend} ${to.y} ${x2} ${to.y}`;
}

function arrowsOf(explanation, rows, lanes) {
  const known = new Set(explanation.steps.map((step) => step.n));
  return (explanation.arrows ?? [])
    // Hand-overs are drawn between all rows already.
    .filter((arrow) => arrow.kind !== "hand-over" && known.has(arrow.from_step) && known.has(arrow.to_step))
    .map((arrow) => {
      const ends = [arrow.from_step, arrow.to_step].map((step) => {
        const row = rowIndexOf(rows, step);
        return { x: middleX(lanes[rows[row].cpu], rows[row].level), y: middleY(row) };
      });
      return { kind: arrow.kind, text: arrow.text, from: arrow.from_step, to: arrow.to_step, path: arrowPath(...ends) };
    })
    .filter((arrow) => arrow.from !== arrow.to);
}

// Text of a row, cut to its room, and behind it the place in the code if there is room left for it.
function labelOf(row, lane) {
  const text = shorten(rowText(row), lane.labelChars);
  const where = row.kind === "step" ? place(row.step) : "";
  const rest = lane.labelChars - [...text].length - 2;
  return { text, where: where && rest >= [...where].length ? where : "" };
}

function lockNames(bars) {
  return [...new Set(bars.filter((bar) => bar.kind === "lock-held").map((bar) => bar.name))];
}

// `width` and `charWidth` in pixels, `charWidth` of the monospace face that labels are set in.
export function layout(explanation, rows, { width, charWidth }) {
  const lastStep = explanation.steps.at(-1)?.n ?? 0;
  const spans = explanation.spans ?? [];
  const handlers = spans.filter((span) => span.kind === "handler");
  const levels = new Map(spans.filter((span) => span.kind !== "lock-held" && span.kind !== "operation")
    .map((span) => [span, levelOf(span, handlers, lastStep)]));
  const lanes = laneShapes(explanation, levels, lastStep);
  const compact = placeLanes(lanes, width, charWidth);
  const bars = spans.filter((span) => lanes[span.cpu])
    .map((span) => barOf(span, lanes[span.cpu], levels.get(span) ?? 0, rows, lastStep));
  return {
    width, height: rows.length * kRowHeight, compact, lanes, bars, runs: runs(rows, lanes),
    handOvers: handOvers(rows, lanes), arrows: arrowsOf(explanation, rows, lanes), locks: lockNames(bars),
    rows: rows.map((row, i) => ({ row, y: i * kRowHeight, markX: middleX(lanes[row.cpu], row.level),
      labelX: lanes[row.cpu].labelX, ...labelOf(row, lanes[row.cpu]),
      isFatal: row.first <= explanation.fatal_step && explanation.fatal_step <= row.last })),
  };
}
