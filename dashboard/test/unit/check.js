// A test is a sentence and a function that throws. test() collects; run.js runs.
//
// May import: nothing.

export const tests = [];

export function test(name, body) {
  tests.push({ name, body });
}

export function equal(actual, expected) {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) throw new Error(`got ${left}, expected ${right}`);
}

export function that(condition, what) {
  if (!condition) throw new Error(`not so: ${what}`);
}
