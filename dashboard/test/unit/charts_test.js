// May import: check, charts, numbers, time.
import { equal, test, that } from "./check.js";
import { linear, path, rates, ticks } from "/static/charts/scale.js";
import { brief, bytes, plural } from "/static/numbers.js";
import { ago, duration } from "/static/time.js";

test("a scale maps ends to ends and a single value to the middle", () => {
  const scale = linear(10, 20, 0, 100);
  equal([scale(10), scale(15), scale(20)], [0, 50, 100]);
  equal(linear(3, 3, 0, 100)(3), 50);
});

test("ticks are round numbers that cover the highest value", () => {
  equal(ticks(10), [0, 5, 10]);
  equal(ticks(0), [0, 1]);
  equal(ticks(NaN), [0, 1]);
  for (const most of [0.3, 1, 7, 99, 12345, 9e9]) {
    const values = ticks(most);
    that(values.at(-1) >= most && values.length <= 7, `ticks of ${most}: ${values}`);
  }
});

test("rates are runs a second, and a count that began again is counted from zero", () => {
  equal(rates([[0, 1, 0], [2000, 1, 100], [4000, 1, 30]]), [[2000, 50], [4000, 15]]);
  equal(rates([[5, 1, 0], [5, 1, 100]]), []);
});

test("a path has one decimal", () => equal(path([[0, 1], [2.25, 3]]), "M0.0 1.0L2.3 3.0"));

test("brief numbers have three digits and a unit", () => {
  equal([0, 7, 2.5, 999, 1000, 12345, 1234567, 3.2e9].map(brief), ["0", "7", "2.5", "999", "1.00 k", "12.3 k", "1.23 M",
    "3.20 G"]);
  equal(brief(999999), "1.00 M");
  equal(brief(null), "-");
});

test("bytes and plurals", () => {
  equal([0, 1023, 2048, 15 * 2 ** 20].map(bytes), ["0 B", "1023 B", "2.0 KiB", "15 MiB"]);
  equal([plural(1, "step"), plural(2, "step"), plural(0, "step")], ["1 step", "2 steps", "0 steps"]);
});

test("durations have two units and ages have one", () => {
  equal([0, 0.25, 59, 75, 3600, 3605, 90061].map(duration), ["0 s", "250 ms", "59 s", "1 min 15 s", "1 h", "1 h",
    "1 d 1 h"]);
  equal([0, 6, 61, 7200].map((seconds) => ago(0, seconds * 1000)), ["now", "6 s ago", "1 min ago", "2 h ago"]);
  equal(ago(5000, 0), "now");
});
