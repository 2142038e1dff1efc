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
const kLockWidth = 17;
const kLockRailWidth = 6;
const kLockBar = 4;
const kLockCharWidth = 6.1;
const kLanePad = 8;
// With fewer characters a lane on the average, lanes become rails.
const kTextCharsMean = 22;
// A lane of a cpu that says little is given no less, and one of a cpu that says much asks for no more.
const kTextCharsMin = 14;
const kTextCharsMax = 64;

// What is drawn later lies over what is drawn earlier.
const kBarOrder = ["lock-held", "operation", "handler", "migrated-away", "wait", "spin"];

const endOf = (span, lastStep) => span.to ?? lastStep;
const contains = (outer, inner, lastStep) =>
  outer !== inner && outer.cpu === inner.cpu && outer.from <= inner.from &&
    endOf(outer, lastStep) >= endOf(inner, lastStep);

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

function laneShapes(explanation, levels, lastStep, lockWidth) {
  const lanes = [];
  for (let cpu = 0; cpu < cpuCount(explanation); ++cpu) {
    const locks = (explanation.spans ?? []).filter((span) => span.cpu === cpu && span.kind === "lock-held")
      .sort((a, b) => a.from - b.from);
    const { columns, count } = columnsOf(locks, lastStep);
    const deepest = Math.max(0, ...explanation.steps.filter((step) => step.cpu === cpu).map((step) =>
      step.context ?? 0),
      ...[...levels].filter(([span]) => span.cpu === cpu).map(([, level]) => level));
    lanes.push({ cpu, lockColumns: columns, lockWidth, locksWidth: count * lockWidth,
      railWidth: kLanePad + count * lockWidth + kBarWidth + deepest * kIndent + kLanePad });
  }
  return lanes;
}

// A change of a value stands closer in a lane, where each character counts.
const laneText = (row) => rowText(row).replaceAll(" -> ", "\u2192");

// Characters that each cpu's longest row asks for, its place in the code included.
function charsWanted(lanes, rows) {
  const wanted = lanes.map(() => kTextCharsMin);
  for (const row of rows) {
    const where = row.kind === "step" ? place(row.step) : "";
    const length = [...laneText(row)].length + (where ? where.length + 2 : 0);
    wanted[row.cpu] = Math.min(kTextCharsMax, Math.max(wanted[row.cpu], length));
  }
  return wanted;
}

// Shares `room` pixels for text among the lanes: what each wants if there is enough, else more for who wants more.
function shareRoom(room, wanted, charWidth) {
  const sum = wanted.reduce((total, one) => total + one, 0);
  const spare = room - sum * charWidth;
  if (spare >= 0) return wanted.map((one) => one * charWidth + spare / wanted.length);
  const least = Math.min(kTextCharsMin * charWidth, room / wanted.length);
  const above = sum - wanted.length * kTextCharsMin;
  return wanted.map((one) => least + (room - wanted.length * least) * ((one - kTextCharsMin) / above));
}

const railsWidth = (lanes) => lanes.reduce((sum, lane) => sum + lane.railWidth, 0);

// Gives each lane its x, width, barX, labelX and labelChars. `shares`: pixels for text, or null: the lanes are rails.
function placeLanes(lanes, width, charWidth, shares) {
  let x = kGutter;
  const railsEnd = kGutter + railsWidth(lanes);
  lanes.forEach((lane, i) => {
    lane.x = x;
    lane.width = lane.railWidth + (shares ? shares[i] : 0);
    lane.barX = x + kLanePad + lane.locksWidth;
    lane.labelX = (shares ? x + lane.railWidth : railsEnd + kLanePad) + 2;
    lane.labelChars = Math.floor((shares ? shares[i] - kLanePad : width - railsEnd - 2 * kLanePad - 2) / charWidth);
    x += lane.width;
  });
}

function lanesFor(explanation, rows, levels, lastStep, width, charWidth) {
  const wide = laneShapes(explanation, levels, lastStep, kLockWidth);
  const room = width - kGutter - railsWidth(wide);
  const compact = wide.length > 1 && room / wide.length < kTextCharsMean * charWidth;
  const lanes = compact ? laneShapes(explanation, levels, lastStep, kLockRailWidth) : wide;
  placeLanes(lanes, width, charWidth, compact ? null : shareRoom(room, charsWanted(wide, rows), charWidth));
  return { lanes, compact };
}

const middleX = (lane, level) => lane.barX + level * kIndent + kBarWidth / 2;
const middleY = (row) => row * kRowHeight + kRowHeight / 2;

function barOf(span, lane, level, rows, lastStep) {
  const [from, to] = [rowIndexOf(rows, span.from), rowIndexOf(rows, endOf(span, lastStep))];
  const box = { kind: span.kind, name: span.name, cpu: span.cpu, from: span.from, to: endOf(span, lastStep),
    y: from * kRowHeight + 2, height: (to - from + 1) * kRowHeight - 4 };
  if (span.kind === "lock-held") {
    return { ...box, level, x: lane.x + kLanePad / 2 + lane.lockColumns.get(span) * lane.lockWidth, width: kLockBar };
  }
  return { ...box, level, x: lane.barX + level * kIndent, width: kBarWidth };
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

// An arrow between two steps. It runs along the edge below the row that it leaves, so that it crosses no text, then
// down beside the bar that it comes to, a little apart from the arrow before it.
function arrowPath(from, to, index) {
  const apart = (index % 3) * 3;
  const edge = from.y + kRowHeight / 2 + 3;
  const downX = to.x - 13 - apart;
  const begin = from.x === to.x ? `M${from.x - 5} ${from.y}H${downX}` : `M${from.x} ${from.y}V${edge}H${downX}`;
  return `${begin}V${to.y}H${to.x - 6}`;
}

function arrowsOf(explanation, rows, lanes) {
  const known = new Set(explanation.steps.map((step) => step.n));
  return (explanation.arrows ?? [])
    // Hand-overs are drawn between all rows already.
    .filter((arrow) => arrow.kind !== "hand-over" && known.has(arrow.from_step) && known.has(arrow.to_step))
    .map((arrow, i) => {
      const ends = [arrow.from_step, arrow.to_step].map((step) => {
        const row = rowIndexOf(rows, step);
        return { x: middleX(lanes[rows[row].cpu], rows[row].level), y: middleY(row) };
      });
      return { kind: arrow.kind, text: arrow.text, from: arrow.from_step, to: arrow.to_step,
        path: arrowPath(...ends, i) };
    })
    .filter((arrow) => arrow.from !== arrow.to);
}

// Text of a row, cut to its room, and behind it the place in the code if there is room left for it.
function labelOf(row, lane) {
  const text = shorten(laneText(row), lane.labelChars);
  const where = row.kind === "step" ? place(row.step) : "";
  const rest = lane.labelChars - [...text].length - 2;
  return { text, where: where && rest >= [...where].length ? where : "" };
}

// Names of locks run down beside their bars where they have the room.
function lockNames(bars, compact) {
  if (compact) return [];
  return bars.filter((bar) => bar.kind === "lock-held" && bar.height > kRowHeight).map((bar) =>
    ({ x: bar.x + kLockBar + 2, y: bar.y + 2,
    text: shorten(bar.name ?? "", Math.floor((bar.height - 4) / kLockCharWidth)) })).filter((name) => name.text);
}

// `width` and `charWidth` in pixels, `charWidth` of the monospace face that labels are set in.
export function layout(explanation, rows, { width, charWidth }) {
  const lastStep = explanation.steps.at(-1)?.n ?? 0;
  const spans = explanation.spans ?? [];
  const handlers = spans.filter((span) => span.kind === "handler");
  const levels = new Map(spans.filter((span) => span.kind !== "lock-held" && span.kind !== "operation")
    .map((span) => [span, levelOf(span, handlers, lastStep)]));
  const { lanes, compact } = lanesFor(explanation, rows, levels, lastStep, width, charWidth);
  const bars = spans.filter((span) => lanes[span.cpu])
    .map((span) => barOf(span, lanes[span.cpu], levels.get(span) ?? 0, rows, lastStep))
    .sort((a, b) => kBarOrder.indexOf(a.kind) - kBarOrder.indexOf(b.kind) || a.level - b.level || a.from - b.from);
  return {
    width, height: rows.length * kRowHeight, compact, lanes, bars, runs: runs(rows, lanes),
    handOvers: handOvers(rows, lanes), arrows: arrowsOf(explanation, rows, lanes), lockNames: lockNames(bars, compact),
    rows: rows.map((row, i) => ({ row, y: i * kRowHeight, markX: middleX(lanes[row.cpu], row.level),
      labelX: lanes[row.cpu].labelX, ...labelOf(row, lanes[row.cpu]),
      isFatal: row.first <= explanation.fatal_step && explanation.fatal_step <= row.last })),
  };
}
