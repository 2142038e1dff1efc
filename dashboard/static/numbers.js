// Numbers as people read them. Pure.
//
// May import: nothing.

// 1234567 -> "1,234,567"
export function count(value) {
  return value === null || value === undefined ? "-" : Math.round(Number(value)).toLocaleString("en-US");
}

// 1234567 -> "1.23 M"; three digits, for places where the size matters and the last digit does not.
export function brief(value) {
  if (value === null || value === undefined) return "-";
  const number = Number(value);
  for (const [unit, size] of [["G", 1e9], ["M", 1e6], ["k", 1e3]]) {
    if (Math.abs(number) >= size * 0.9995) return `${(number / size).toPrecision(3)} ${unit}`;
  }
  if (number !== 0 && Math.abs(number) < 10 && !Number.isInteger(number)) return number.toFixed(1);
  return String(Math.round(number));
}

export function bytes(value) {
  if (value === null || value === undefined) return "-";
  for (const [unit, size] of [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]]) {
    if (value >= size) return `${(value / size).toFixed(value >= 10 * size ? 0 : 1)} ${unit}`;
  }
  return `${value} B`;
}

// plural(1, "step") -> "1 step", plural(2, "step") -> "2 steps"
export function plural(number, noun, nouns = `${noun}s`) {
  return `${count(number)} ${number === 1 ? noun : nouns}`;
}
