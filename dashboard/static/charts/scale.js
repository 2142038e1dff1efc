// From values to places on a chart. Pure.
//
// May import: nothing.

// A function that maps [from, to] to [begin, end]; a single value lies in the middle.
export function linear(from, to, begin, end) {
  if (to === from) return () => (begin + end) / 2;
  return (value) => begin + ((value - from) / (to - from)) * (end - begin);
}

// Round numbers that cover 0 ... most in about `wanted` steps: 1, 2 or 5 times a power of ten.
export function ticks(most, wanted = 4) {
  if (!(most > 0)) return [0, 1];
  const rough = most / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough) * power;
  const values = [];
  for (let i = 0; i * step < most + step; ++i) values.push(Number((i * step).toPrecision(12)));
  return values;
}

// samples: [[time, features, runs], ...]. Runs a second between samples; a count that begins at 0 again is counted
// from 0.
export function rates(samples) {
  const found = [];
  for (let i = 1; i < samples.length; ++i) {
    const seconds = (samples[i][0] - samples[i - 1][0]) / 1000;
    if (seconds <= 0) continue;
    const more = samples[i][2] - samples[i - 1][2];
    found.push([samples[i][0], (more >= 0 ? more : samples[i][2]) / seconds]);
  }
  return found;
}

export function path(points) {
  return points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}
