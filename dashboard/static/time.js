// Times as people read them. Times of the API are milliseconds since 1970-01-01 UTC.
//
// May import: dom.
import { h, setText } from "./dom.js";

const kUnits = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];

// 75 -> "1 min 15 s"; two units at most.
export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(Number(seconds))) return "-";
  if (seconds < 1) return seconds > 0 ? `${Math.max(1, Math.round(seconds * 1000))} ms` : "0 s";
  let rest = Math.round(seconds);
  const parts = [];
  for (const [unit, size] of kUnits) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

// "3 min ago", in one unit.
export function ago(then, now) {
  const seconds = Math.max(0, Math.round((now - then) / 1000));
  if (seconds < 5) return "now";
  const [unit, size] = kUnits.find(([, size]) => seconds >= size);
  return `${Math.floor(seconds / size)} ${unit} ago`;
}

// 2026-11-22 14:05:09, in the reader's own time zone.
export function absolute(time) {
  const at = new Date(time);
  const two = (number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ` +
    `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

// <time> that stays right while the page is open; "never" for null and 0.
export function timeAgo(time) {
  if (!time) return h("span", { class: "dim" }, "never");
  const element = h("time", { datetime: new Date(time).toISOString(), title: absolute(time) }, ago(time, Date.now()));
  element.dataset.time = time;
  return element;
}

export function keepTimesRight() {
  setInterval(() => {
    for (const element of document.querySelectorAll("time[data-time]")) {
      setText(element, ago(Number(element.dataset.time), Date.now()));
    }
  }, 10_000);
}
