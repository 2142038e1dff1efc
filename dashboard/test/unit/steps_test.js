// May import: check, fake_explanation, lanes/steps.
import { equal, test } from "./check.js";
import { explanationOf } from "./fake_explanation.js";
import { Steps } from "/static/lanes/steps.js";

const key = (name) => ({ key: name, preventDefault() {} });
const kRun = "0 0 0 0 0 0! 1 1 1 1 1 1 1 0! 0";

function press(steps, ...names) {
  for (const name of names) steps.key(key(name));
  return steps.selected;
}

test("the fatal step is selected first, without one the last", () => {
  equal(new Steps(explanationOf(kRun, { fatal_step: 7 })).selected, 7);
  equal(new Steps(explanationOf(kRun)).selected, 15);
  equal(new Steps(explanationOf(kRun), { selected: 3 }).selected, 3);
});

test("keys go over rows and stop at the ends", () => {
  const steps = new Steps(explanationOf(kRun));
  equal(press(steps, "Home"), 1);
  equal(press(steps, "ArrowUp", "k"), 1);
  equal(press(steps, "ArrowDown"), 2);
  equal(press(steps, "j"), 6);
  equal(press(steps, "End", "ArrowDown"), 15);
  equal(press(steps, "PageUp"), 1);
});

test("n and p go to decisions and the fatal step", () => {
  const steps = new Steps(explanationOf(kRun, { fatal_step: 15 }));
  equal([press(steps, "Home", "n"), press(steps, "n"), press(steps, "n"), press(steps, "n")], [6, 14, 15, 15]);
  equal([press(steps, "p"), press(steps, "p"), press(steps, "p")], [14, 6, 6]);
});

test("enter opens a stretch and folds it again; the selected step stays", () => {
  const steps = new Steps(explanationOf(kRun), { selected: 2 });
  const before = steps.rows.length;
  press(steps, "Enter");
  equal([steps.rows.length, steps.selected], [before + 3, 2]);
  press(steps, "Enter");
  equal([steps.rows.length, steps.selected], [before, 2]);
});

test("other keys, and keys with a modifier, are left to the browser", () => {
  const steps = new Steps(explanationOf(kRun));
  equal(steps.key(key("x")), false);
  equal(steps.key({ ...key("ArrowUp"), ctrlKey: true }), false);
});

test("listeners are told of a change, and not of none", () => {
  const steps = new Steps(explanationOf(kRun));
  let told = 0;
  steps.addEventListener("selected", () => ++told);
  steps.select(steps.selected);
  equal(told, 0);
  steps.select(1);
  equal(told, 1);
});
