// The steps of one finding as the reader goes through them: which stretches are open and which step is selected. The
// lane diagram, the table and the panel show the same ones and follow each other.
//
// May import: lanes/fold.
import { importantSteps, rowIndexOf, rowsOf } from "./fold.js";

export class Steps extends EventTarget {
  constructor(explanation, { selected = null, openAll = false } = {}) {
    super();
    this.explanation = explanation;
    this.important = importantSteps(explanation);
    this.open = openAll ? "all" : new Set();
    this.rows = rowsOf(explanation, this.important, this.open);
    this.previewed = null;
    this.selected = selected ?? explanation.fatal_step ?? this.rows.at(-1)?.first ?? null;
  }

  get selectedRow() {
    return rowIndexOf(this.rows, this.selected);
  }

  // The row that the panel tells: the one under the pointer, else the selected one.
  get toldRow() {
    return this.rows[this.previewed === null ? this.selectedRow : rowIndexOf(this.rows, this.previewed)];
  }

  // `n` null: the pointer is on no step.
  preview(n) {
    if (n === this.previewed) return;
    this.previewed = n;
    this.dispatchEvent(new Event("previewed"));
  }

  select(n) {
    if (n === this.selected) return;
    this.selected = n;
    this.previewed = null;
    this.dispatchEvent(new Event("selected"));
  }

  selectRow(index) {
    const row = this.rows[Math.max(0, Math.min(this.rows.length - 1, index))];
    if (row) this.select(row.first);
  }

  // To the next row with a decision, or the one before (direction -1).
  selectDecision(direction) {
    for (let i = this.selectedRow + direction; i >= 0 && i < this.rows.length; i += direction) {
      const { step } = this.rows[i];
      if (step && (step.decision || step.n === this.explanation.fatal_step)) return this.selectRow(i);
    }
  }

  // Opens the selected stretch, or folds the one that begins there.
  toggle(first) {
    if (this.open === "all") return;
    if (this.open.has(first)) this.open.delete(first);
    else this.open.add(first);
    this.#changeRows();
  }

  setAllOpen(isOpen) {
    this.open = isOpen ? "all" : new Set();
    this.#changeRows();
  }

  #changeRows() {
    this.rows = rowsOf(this.explanation, this.important, this.open);
    this.previewed = null;
    this.dispatchEvent(new Event("rows"));
  }

  // Keys that mean the same in the diagram and in the table; true if the key was one.
  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return false;
    const at = this.selectedRow;
    const row = this.rows[at];
    const move = { ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, Home: 0, End: this.rows.length - 1,
      PageDown: at + 12, PageUp: at - 12 };
    if (Object.hasOwn(move, event.key)) this.selectRow(move[event.key]);
    else if (event.key === "n" || event.key === "p") this.selectDecision(event.key === "n" ? 1 : -1);
    else if (["Enter", " "].includes(event.key) && (row?.kind === "fold" || row?.opens)) this.toggle(row.first);
    else return false;
    event.preventDefault();
    return true;
  }
}
