// Small charts: a line without axes beside a number, and one with axes.
//
// May import: dom, charts/scale, numbers, time.
import { h, s } from "../dom.js";
import { linear, path, ticks } from "./scale.js";
import { brief } from "../numbers.js";
import { absolute } from "../time.js";

const kSpark = { width: 120, height: 22, pad: 2 };

// points: [[time, value], ...]
export function sparkline(points, label) {
  if (points.length < 2) return h("span", { class: "dim" }, "-");
  const { width, height, pad } = kSpark;
  const most = Math.max(...points.map(([, value]) => value), 1);
  const x = linear(points[0][0], points.at(-1)[0], pad, width - pad);
  const y = linear(0, most, height - pad, pad);
  const placed = points.map(([time, value]) => [x(time), y(value)]);
  const [endX, endY] = placed.at(-1);
  return s("svg", { class: "spark", viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
    "aria-label": label },
    s("path", { class: "spark-base", d: `M0 ${height - 1}H${width}` }),
    s("path", { class: "spark-line", d: path(placed) }),
    s("circle", { class: "spark-end", cx: endX, cy: endY, r: 2 }));
}

const kLine = { width: 640, height: 200, left: 48, right: 12, top: 10, bottom: 24 };

export function lineChart(points, label) {
  if (points.length < 2) return h("p", { class: "empty" }, "Too few samples to draw yet; there is one a minute.");
  const { width, height, left, right, top, bottom } = kLine;
  const values = ticks(Math.max(...points.map(([, value]) => value)));
  const x = linear(points[0][0], points.at(-1)[0], left, width - right);
  const y = linear(0, values.at(-1), height - bottom, top);
  return s("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
    values.map((value) => [
      s("path", { class: "grid", d: `M${left} ${y(value)}H${width - right}` }),
      s("text", { class: "tick", x: left - 6, y: y(value) + 4, "text-anchor": "end" }, brief(value)),
    ]),
    timeTicks(points, x, height),
    s("path", { class: "chart-line", d: path(points.map(([time, value]) => [x(time), y(value)])) }));
}

function timeTicks(points, x, height) {
  const at = [points[0][0], points.at(-1)[0]];
  return at.map((time, i) => s("text", { class: "tick", x: x(time), y: height - 6,
    "text-anchor": i === 0 ? "start" : "end" },
    absolute(time).slice(5, 16)));
}
