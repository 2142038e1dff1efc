// Words in small frames: verdicts, states. Each says in text what it means; the mark beside it only helps the eye.
//
// May import: dom, api.
import { h, s } from "./dom.js";
import { targetPath } from "./api.js";

export const kStates = ["new", "confirmed", "flaky", "fixed", "wont-fix", "duplicate"];
const kStateWords = { "wont-fix": "won't fix" };
export const stateWords = (state) => kStateWords[state] ?? state;

// Marks of 12 x 12, told apart by shape: open ones for what is to be done, crossed or closed ones for what is done.
const kMarks = {
  new: "M6 1.5a4.5 4.5 0 1 0 .01 0z",
  confirmed: "M2 2h8v8H2z",
  flaky: "M1 8l2.5-5 2.5 6 2.5-6 2.5 5",
  fixed: "M2 6.5l3 3 5-7",
  "wont-fix": "M2 6h8",
  duplicate: "M1.5 4h6v6h-6zM4.5 4V1.5h6v6H7.5",
  fails: "M2.5 2.5l7 7M9.5 2.5l-7 7",
  passes: "M2 6.5l3 3 5-7",
  regressed: "M6 1.5v6M6 9.5v1",
  "fixed?": "M2 6.5l3 3 5-7",
  "not-repeatable": "M1 8l2.5-5 2.5 6 2.5-6 2.5 5",
  untested: "M4 6h4",
};

export function mark(name) {
  if (!Object.hasOwn(kMarks, name)) return null;
  return s("svg", { class: "mark", viewBox: "0 0 12 12", width: 12, height: 12, "aria-hidden": "true" },
    s("path", { d: kMarks[name] }));
}

export function stateBadge(state) {
  return h("span", { class: `badge state-${kStates.includes(state) ? state : "other"}` }, mark(state),
    stateWords(state));
}

export function regressionBadge(regression) {
  return h("span", { class: `badge regression-${regression === "regressed" ? "regressed" : "other"}` },
    mark(regression),
    regression);
}

export function verdictBadge(verdict) {
  return h("span", { class: "badge verdict" }, verdict);
}

export function targetLink(target, variant = null) {
  return [h("a", { href: targetPath(target) }, target), variant ? h("span", { class: "dim" }, ` ${variant}`) : null];
}

// "100 of 100", with a word where it is less: such a repro may pass by chance.
export function reproduced(row) {
  if (!row.triaged || !row.replays) return h("span", { class: "dim" }, "-");
  return `${row.reproduced} of ${row.replays}`;
}
