// The lane diagram: a listbox of steps, drawn as SVG. Rows are drawn a chunk at a time as they come into view, so that
// 5,000 of them cost what a screenful costs.
//
// May import: dom, lanes/*.
import { h, replaceContent, s } from "../dom.js";
import { kRowHeight, layout } from "./layout.js";
import { cpuName, isMinor, rowSentence, spanWords } from "./words.js";

const kChunk = 64;
const kFontChar = 7.25;

const kHowToRead = "Steps of the run, by cpu. Arrow keys go from step to step, n and p to decisions, " +
  "Enter opens a stretch.";

const rowId = (row) => `lane-step-${row.first}`;

// Marks of decisions: told apart by shape, and named in the panel and the legend.
const kMarks = {
  preemption: "M0 -6L6 0L0 6L-6 0Z",
  interrupt: "M-6 -5H6L0 6Z",
  deferral: "M-5 -5H5V5H-5Z",
  migration: "M-6 -3H0V-6L6 0L0 6V3H-6Z",
};

export function decisionMark(kind, x, y) {
  return s("path", { class: `decision decision-${kind}`, d: kMarks[kind] ?? kMarks.deferral,
    transform: `translate(${x} ${y})` });
}

function pattern(id, className, d) {
  return s("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse" },
    s("rect", { class: `${className}-ground`, width: 6, height: 6 }), s("path", { class: className, d }));
}

export function patterns() {
  const arrow = (kind) => s("marker", { id: `head-${kind}`, viewBox: "0 0 8 8", refX: 6, refY: 4, markerWidth: 8,
    markerHeight: 8, markerUnits: "userSpaceOnUse", orient: "auto-start-reverse" },
  s("path", { class: `head head-${kind}`, d: "M0 0L8 4L0 8Z" }));
  return s("defs", null,
    pattern("hatch-wait", "hatch-wait", "M-1 7L7 -1M-1 1L1 -1M5 7L7 5"),
    pattern("hatch-spin", "hatch-spin", "M0 1.5H6M0 4.5H6"),
    ["ipi", "wakeup", "migration", "race"].map(arrow));
}

function barShape(bar) {
  const fill = { wait: "url(#hatch-wait)", spin: "url(#hatch-spin)" }[bar.kind];
  const { word, name } = spanWords(bar);
  return s("rect", { class: `bar bar-${bar.kind}`, x: bar.x, y: bar.y, width: bar.width,
    height: Math.max(4, bar.height),
    rx: 2, fill }, s("title", null, `${word} ${name}, steps ${bar.from} to ${bar.to}`));
}

function rowShape(place, index, total, explanation, isSelected) {
  const { row } = place;
  const classes = ["row", `row-${row.kind}`, isMinor(row) ? "minor" : "", place.isFatal ? "fatal" : "",
    isSelected ? "selected" : ""];
  const middle = place.y + kRowHeight / 2;
  return s("g", { id: rowId(row), class: classes.join(" "), role: "option", "aria-selected": String(isSelected),
    "aria-posinset": index + 1, "aria-setsize": total, "aria-label": rowSentence(explanation,
      row), "data-step": row.first },
  s("rect", { class: "hit", x: 1, y: place.y, width: "100%", height: kRowHeight }),
  s("text", { class: "number", x: 38, y: middle + 4, "text-anchor": "end" }, String(row.first)),
  row.kind === "fold" ? s("path", { class: "fold-mark", d: `M${place.markX - 4} ${middle - 3}h8m-8 3h8m-8 3h8` })
    : null,
  place.isFatal ? s("path", { class: "fatal-mark", d: `M${place.markX - 5} ${middle - 5}l10 10m0 -10l-10 10` }) : null,
  row.step?.decision ? decisionMark(row.step.decision.kind, place.markX, middle) : null,
  s("text", { class: "what", x: place.labelX, y: middle + 4 }, place.text,
    place.where ? s("tspan", { class: "where", dx: 12 }, place.where) : null));
}

// One for each lane, over the diagram.
function headOf(shape, explanation) {
  return shape.lanes.map((lane) => {
    const program = explanation.cpus?.[lane.cpu]?.program ?? [];
    const element = h("div", { class: "lane-head" }, h("b", null, shape.compact ? String(lane.cpu)
      : cpuName(explanation, lane.cpu)),
      shape.compact ? null : h("span", { class: "program", title: program.join("\n") }, program.join("; ")));
    element.style.left = `${lane.x}px`;
    element.style.width = `${lane.width}px`;
    return element;
  });
}

function stepUnder(event) {
  const row = event.target.closest?.("[data-step]");
  return row ? Number(row.getAttribute("data-step")) : null;
}

export class LaneDiagram {
  // `signal` is aborted when the page is left.
  constructor(steps, signal) {
    this.steps = steps;
    this.head = h("div", { class: "lane-heads", "aria-hidden": "true" });
    this.list = h("div", { class: "lanes-list", role: "listbox", tabindex: "0", id: "lanes",
      "aria-label": kHowToRead });
    this.element = h("div", { class: "lanes" }, this.head, this.list);
    this.list.addEventListener("keydown", (event) => steps.key(event));
    this.list.addEventListener("click", (event) => this.#click(event));
    this.list.addEventListener("pointerover", (event) => {
      if (event.pointerType === "mouse") steps.preview(stepUnder(event));
    });
    this.list.addEventListener("pointerleave", () => steps.preview(null));
    this.element.addEventListener("scroll", () => this.#drawVisible(), { passive: true });
    steps.addEventListener("selected", () => this.#showSelected());
    steps.addEventListener("rows", () => this.draw());
    new ResizeObserver(() => this.#resized()).observe(this.element);
    window.addEventListener("beforeprint", () => this.#drawChunks(0, Infinity), { signal });
  }

  #resized() {
    const width = this.element.clientWidth;
    if (width > 0 && width !== this.shape?.width) this.draw();
  }

  draw() {
    const { explanation, rows } = this.steps;
    this.shape = layout(explanation, rows, { width: this.element.clientWidth || 800, charWidth: kFontChar });
    const { shape } = this;
    replaceContent(this.head, headOf(shape, explanation));
    this.chunks = Array.from({ length: Math.ceil(rows.length / kChunk) }, () => null);
    this.rowLayer = s("g");
    const svg = s("svg", { class: "lanes-svg", width: shape.width, height: shape.height, role: "presentation" },
      patterns(),
      shape.lanes.map((lane, i) => s("rect", { class: i % 2 ? "lane odd" : "lane", x: lane.x, y: 0, width: lane.width,
        height: shape.height })),
      shape.bars.map(barShape),
      shape.lockNames.map((name) => s("text",
        { class: "lock-name", transform: `translate(${name.x} ${name.y}) rotate(90)` }, name.text)),
      shape.runs.map((run) => s("rect", { class: run.level > 0 ? "run in-handler" : "run", x: run.x, y: run.y,
        width: run.width, height: run.height, rx: 2 })),
      shape.handOvers.map((one) => s("path", { class: `hand-over ${one.kind}`, d: one.path })),
      this.rowLayer,
      shape.arrows.map((arrow) => s("path", { class: `arrow arrow-${arrow.kind}`, d: arrow.path,
        "marker-end": `url(#head-${arrow.kind})` }, s("title", null, `${arrow.kind}: ${arrow.text}`))));
    replaceContent(this.list, svg);
    this.#showSelected();
    this.#drawVisible();
  }

  #drawVisible() {
    const top = this.element.scrollTop;
    const height = this.element.clientHeight || 800;
    this.#drawChunks(Math.floor(top / kRowHeight / kChunk) - 1, Math.floor((top + height) / kRowHeight / kChunk) + 1);
  }

  #drawChunks(from, to) {
    const { explanation, rows, selectedRow } = this.steps;
    for (let i = Math.max(0, from); i <= Math.min(to, this.chunks.length - 1); ++i) {
      if (this.chunks[i]) continue;
      this.chunks[i] = s("g", null, this.shape.rows.slice(i * kChunk, (i + 1) * kChunk).map((place, k) =>
        rowShape(place, i * kChunk + k, rows.length, explanation, i * kChunk + k === selectedRow)));
      this.rowLayer.append(this.chunks[i]);
    }
  }

  #showSelected() {
    if (!this.shape) return;
    const index = this.steps.selectedRow;
    const row = this.steps.rows[index];
    if (!row) return;
    this.#drawChunks(Math.floor(index / kChunk), Math.floor(index / kChunk));
    for (const old of this.rowLayer.querySelectorAll(".selected")) {
      old.classList.remove("selected");
      old.setAttribute("aria-selected", "false");
    }
    const element = this.rowLayer.querySelector(`[data-step="${row.first}"]`);
    element?.classList.add("selected");
    element?.setAttribute("aria-selected", "true");
    this.list.setAttribute("aria-activedescendant", rowId(row));
    this.#bringIntoView(index);
  }

  // Scrolls the diagram, never the page.
  #bringIntoView(index) {
    const top = index * kRowHeight;
    const room = this.element.clientHeight - this.head.offsetHeight;
    const margin = 3 * kRowHeight;
    if (top - margin < this.element.scrollTop) this.element.scrollTop = top - margin;
    else if (top + margin > this.element.scrollTop + room) this.element.scrollTop = top + margin - room;
  }

  #click(event) {
    const n = stepUnder(event);
    if (n === null) return;
    const wasSelected = this.steps.selected === n;
    this.steps.select(n);
    const found = this.steps.rows[this.steps.selectedRow];
    if (found?.kind === "fold" || (wasSelected && found?.opens)) this.steps.toggle(n);
  }
}
