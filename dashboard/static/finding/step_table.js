// The steps as a table with the rows of the lane diagram; both have the same row selected.
//
// May import: dom, lanes/words, lanes/steps.
import { h, replaceContent } from "../dom.js";
import { cpuName, isMinor, place, rowText } from "../lanes/words.js";

function stateCells(explanation, values, before) {
  return (explanation.states?.columns ?? []).map((_, i) => {
    const changed = values && before && values[i] !== before[i];
    return h("td", { class: changed ? "mono state-cell changed" : "mono state-cell" }, values?.[i] ?? "");
  });
}

function tableRow(explanation, row, values, before) {
  const step = row.kind === "step" ? row.step : null;
  const classes = [`row-${row.kind}`, isMinor(row) ? "minor" : "", step?.n === explanation.fatal_step ? "fatal" : "",
    step?.decision ? "decided" : ""];
  return h("tr", { class: classes.join(" ").trim(), "data-step": row.first, tabindex: "-1" },
    h("th", { scope: "row", class: "number" }, String(row.first)),
    h("td", null, cpuName(explanation, row.cpu), step?.context > 0 ? h("span", { class: "dim" },
      ` ${step.context_name}`) : null),
    h("td", { class: "mono" }, rowText(row), step?.decision
      ? h("span", { class: `tag decided-${step.decision.kind}` }, step.decision.kind) : null,
    step?.n === explanation.fatal_step ? h("span", { class: "tag fatal" }, "fatal") : null),
    h("td", { class: "mono dim where" }, step ? place(step) : ""), stateCells(explanation, values, before));
}

// The target shows its state where it changes; a row has what was shown last.
function body(steps) {
  const { explanation } = steps;
  const shown = explanation.states?.rows ?? [];
  let next = 0;
  let before = null;
  return steps.rows.map((row) => {
    let now = before;
    while (next < shown.length && shown[next].step <= row.last) now = shown[next++].values;
    const element = tableRow(explanation, row, now, before);
    before = now;
    return element;
  });
}

export class StepTable {
  constructor(steps) {
    this.steps = steps;
    this.body = h("tbody");
    this.element = h("div", { class: "step-table" }, h("table", null,
      h("caption", { class: "visually-hidden" }, "Step by step"),
      h("thead", null, h("tr", null, ["Step", "On", "What", "Where", ...(steps.explanation.states?.columns ?? [])]
        .map((name, i) => h("th", { scope: "col", class: i === 0 ? "number" : null }, name)))), this.body));
    this.body.addEventListener("click", (event) => this.#click(event));
    this.body.addEventListener("keydown", (event) => this.#key(event));
    steps.addEventListener("selected", () => this.#showSelected());
    steps.addEventListener("rows", () => this.draw());
    this.draw();
  }

  draw() {
    replaceContent(this.body, body(this.steps));
    this.#showSelected();
  }

  #row(n) {
    return this.body.querySelector(`tr[data-step="${n}"]`);
  }

  #showSelected() {
    for (const old of this.body.querySelectorAll("tr.selected")) {
      old.classList.remove("selected");
      old.removeAttribute("aria-selected");
      old.tabIndex = -1;
    }
    const row = this.#row(this.steps.rows[this.steps.selectedRow]?.first);
    if (!row) return;
    row.classList.add("selected");
    row.setAttribute("aria-selected", "true");
    row.tabIndex = 0;
    this.#bringIntoView(row);
  }

  // Scrolls the table, never the page.
  #bringIntoView(row) {
    const { element } = this;
    const head = element.querySelector("thead").offsetHeight;
    if (row.offsetTop - head < element.scrollTop) element.scrollTop = row.offsetTop - head - row.offsetHeight;
    const below = row.offsetTop + 2 * row.offsetHeight - element.clientHeight;
    if (below > element.scrollTop) element.scrollTop = below;
  }

  #click(event) {
    const row = event.target.closest?.("tr[data-step]");
    if (!row || !getSelection().isCollapsed) return;
    const n = Number(row.dataset.step);
    this.steps.select(n);
    if (row.classList.contains("row-fold")) this.steps.toggle(n);
    this.#row(n)?.focus({ preventScroll: true });
  }

  #key(event) {
    if (!this.steps.key(event)) return;
    this.#row(this.steps.rows[this.steps.selectedRow]?.first)?.focus({ preventScroll: true });
  }
}
