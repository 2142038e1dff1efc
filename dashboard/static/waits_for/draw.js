// The wait-for graph: numbered arrows, and beside them what each says. The cycle is drawn thick and is named in text.
//
// May import: dom, waits_for/layout.
import { h, replaceContent, s } from "../dom.js";
import { cyclesOf, layoutWaitsFor } from "./layout.js";

const kWidthMax = 560;

function boxShape(box, isInCycle) {
  const isCpu = box.node.cpu !== null && box.node.cpu !== undefined;
  return s("g", { class: `node ${isCpu ? "cpu" : "thing"} ${isInCycle ? "in-cycle" : ""}` },
    s("title", null, box.node.name),
    s("rect", { x: box.x - box.width / 2, y: box.y - box.height / 2, width: box.width, height: box.height,
      rx: isCpu ? 3 : 13 }),
    s("text", { x: box.x, y: box.y + 4, "text-anchor": "middle" }, box.text));
}

function lineShape(line) {
  const [x, y] = [line.numberX, line.numberY];
  return s("g", { class: line.edge.in_cycle ? "edge in-cycle" : "edge" },
    s("title", null, line.edge.text),
    s("path", { d: `M${line.x1} ${line.y1}L${line.x2} ${line.y2}`,
      "marker-end": line.edge.in_cycle ? "url(#wait-head-cycle)" : "url(#wait-head)" }),
    s("circle", { cx: x, cy: y, r: 8 }), s("text", { x, y: y + 4, "text-anchor": "middle" }, String(line.number)));
}

function headMarker(id) {
  return s("marker", { id, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 8, markerHeight: 8,
    markerUnits: "userSpaceOnUse", orient: "auto" }, s("path", { class: id, d: "M0 0L8 4L0 8Z" }));
}

function picture(graph, width) {
  const shape = layoutWaitsFor(graph, width);
  return s("svg", { class: "waits-for-svg", width: shape.width, height: shape.height, role: "img",
    "aria-label": "Wait-for graph; the list beside it says the same." },
  s("defs", null, headMarker("wait-head"), headMarker("wait-head-cycle")),
  shape.lines.map(lineShape), shape.boxes.map((box) => boxShape(box, shape.cycle.has(box.node.id))));
}

export function waitsFor(graph) {
  const names = new Map(graph.nodes.map((node) => [node.id, node.name]));
  const cycles = cyclesOf(graph).map((cycle) => [...cycle, cycle[0]].map((id) => names.get(id)).join(" \u2192 "));
  const place = h("div", { class: "waits-for-picture" });
  let drawn = 0;
  new ResizeObserver(() => {
    const width = Math.min(kWidthMax, place.clientWidth);
    if (width > 0 && width !== drawn) replaceContent(place, picture(graph, (drawn = width)));
  }).observe(place);
  return h("div", { class: "waits-for" }, place, h("div", null,
    cycles.map((cycle) => h("p", null, h("span", { class: "dim" }, "A cycle: "), cycle)),
    h("ol", null, graph.edges.map((edge) => h("li", { class: edge.in_cycle ? "in-cycle" : null },
      h("b", null, names.get(edge.from) ?? edge.from), " \u2192 ", h("b", null, names.get(edge.to) ?? edge.to),
      `: ${edge.text}`, edge.in_cycle ? h("span", { class: "dim" }, " (in the cycle)") : null)))));
}
