// May import: check, waits_for/layout.
import { equal, test, that } from "./check.js";
import { cyclesOf, layoutWaitsFor, shortenInside } from "/static/waits_for/layout.js";

const cpu = (n) => ({ id: `c${n}`, name: `cpu${n}`, cpu: n });
const lock = (name) => ({ id: name, name, cpu: null });
const edge = (from, to, in_cycle = true) => ({ from, to, text: `${from} ${to}`, in_cycle });

const kAbBa = { nodes: [cpu(0), cpu(1), lock("a"), lock("b")],
  edges: [edge("c0", "b"), edge("b", "c1"), edge("c1", "a"), edge("a", "c0")] };

const kTwo = { nodes: [cpu(0), cpu(1), lock("a"), lock("b")],
  edges: [edge("c0", "a"), edge("a", "c0"), edge("c1", "b"), edge("b", "c1"), edge("c0", "b", false)] };

test("cycles are told in their order", () => {
  equal(cyclesOf(kAbBa), [["c0", "b", "c1", "a"]]);
  equal(cyclesOf(kTwo), [["c0", "a"], ["c1", "b"]]);
  equal(cyclesOf({ nodes: [], edges: [] }), []);
  equal(cyclesOf({ nodes: [cpu(0), cpu(1)], edges: [edge("c0", "c1")] }), []);
});

test("a cycle with a tail is told without the tail", () => {
  equal(cyclesOf({ nodes: [], edges: [edge("x", "c0"), edge("c0", "a"), edge("a", "c0")] }), [["c0", "a"]]);
});

test("lines both ways between two boxes lie apart", () => {
  const { lines } = layoutWaitsFor(kTwo, 560);
  const apart = (a, b) => Math.hypot(a.numberX - b.numberX, a.numberY - b.numberY);
  lines.forEach((a, i) => lines.slice(i + 1).forEach((b) => that(apart(a, b) > 16,
    `${a.number} and ${b.number} do not touch`)));
});

function overlap(a, b) {
  return Math.abs(a.x - b.x) < (a.width + b.width) / 2 && Math.abs(a.y - b.y) < (a.height + b.height) / 2;
}

test("no box lies over another or outside, at any width", () => {
  const outer = { nodes: [...kAbBa.nodes, cpu(2), cpu(3)], edges: [...kAbBa.edges, edge("c2", "a", false),
    edge("c3", "a", false)] };
  const none = { nodes: [cpu(0), cpu(1), lock("a")], edges: [edge("c0", "a", false), edge("c1", "a", false)] };
  const ring = { nodes: [cpu(0), cpu(1), cpu(2), lock("a"), lock("b"), lock("c")],
    edges: [edge("c0", "a"), edge("a", "c1"), edge("c1", "b"), edge("b", "c2"), edge("c2", "c"), edge("c", "c0")] };
  for (const graph of [kAbBa, kTwo, outer, none, ring]) {
    for (const width of [320, 560]) {
      const { boxes, height } = layoutWaitsFor(graph, width);
      boxes.forEach((a, i) => {
        that(a.x - a.width / 2 >= 0 && a.x + a.width / 2 <= width && a.y - 13 >= 0 && a.y + 13 <= height,
          `${a.text} inside ${width}`);
        boxes.slice(i + 1).forEach((b) => that(!overlap(a, b), `${a.text} and ${b.text} apart at ${width}`));
      });
    }
  }
});

test("lines are numbered as the edges are listed, and end outside the boxes", () => {
  const { lines } = layoutWaitsFor(kAbBa, 560);
  equal(lines.map((line) => line.number), [1, 2, 3, 4]);
  that(lines.every((line) => Math.hypot(line.x2 - line.x1, line.y2 - line.y1) > 5), "each line has a length");
});

test("a name that is too long keeps both its ends", () => {
  equal(shortenInside("pause_flags[0]", 14), "pause_flags[0]");
  equal(shortenInside("pause_flags[0]", 10), "pause\u2026s[0]");
});

test("edges to nodes that are not there are left out", () => {
  equal(layoutWaitsFor({ nodes: [cpu(0)], edges: [edge("c0", "gone"), edge("c0", "c0")] }, 400).lines.length, 0);
});
