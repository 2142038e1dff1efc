// Places for a wait-for graph. One cycle that holds all marked edges is a ring, in its order, and what leads into it
// stands in a column beside it. Else cpus stand left and what they wait for right. Pure.
//
// May import: nothing.

const kBoxHeight = 26;
const kBoxPad = 10;
const kCharWidth = 7.25;
const kCharsMax = 22;
const kGap = 18;

// The marked cycles, each as its nodes, each node before the one that it waits for.
export function cyclesOf(graph) {
  const next = new Map(graph.edges.filter((edge) => edge.in_cycle).map((edge) => [edge.from, edge.to]));
  const seen = new Set();
  const cycles = [];
  for (const start of next.keys()) {
    const order = [];
    for (let at = start; at !== undefined && !seen.has(at); at = next.get(at)) {
      seen.add(at);
      order.push(at);
    }
    const back = order.indexOf(next.get(order.at(-1)));
    if (back >= 0) cycles.push(order.slice(back));
  }
  return cycles;
}

// The one cycle with all marked edges, or nothing.
function ringOf(graph) {
  const cycles = cyclesOf(graph);
  const marked = graph.edges.filter((edge) => edge.in_cycle).length;
  return cycles.length === 1 && cycles[0].length === marked && marked > 2 ? cycles[0] : [];
}

// Names of memory differ at their ends: lock[0], lock[1].
export function shortenInside(name, most) {
  const characters = [...name];
  if (characters.length <= most) return name;
  const tail = Math.floor((most - 1) / 2);
  return `${characters.slice(0, most - 1 - tail).join("")}\u2026${characters.slice(characters.length - tail).join("")}`;
}

function boxOf(node, widthMax) {
  const most = Math.max(4, Math.min(kCharsMax, Math.floor((widthMax - 2 * kBoxPad) / kCharWidth)));
  const text = shortenInside(node.name, most);
  return { node, text, width: [...text].length * kCharWidth + 2 * kBoxPad, height: kBoxHeight };
}

function placeColumn(boxes, x, height) {
  boxes.forEach((box, i) => {
    box.x = x;
    box.y = (height * (i + 1)) / (boxes.length + 1);
  });
}

function placeRing(boxes, centre, radiusX, radiusY) {
  boxes.forEach((box, i) => {
    const angle = -Math.PI / 2 + (2 * Math.PI * i) / boxes.length;
    box.x = centre.x + radiusX * Math.cos(angle);
    box.y = centre.y + radiusY * Math.sin(angle);
  });
}

// Where the line from the middle of `box` towards (x, y) leaves the box.
function borderPoint(box, x, y) {
  const [dx, dy] = [x - box.x, y - box.y];
  const scale = Math.min(dx === 0 ? Infinity : (box.width / 2 + 3) / Math.abs(dx),
    dy === 0 ? Infinity : (box.height / 2 + 3) / Math.abs(dy), 1);
  return { x: box.x + dx * scale, y: box.y + dy * scale };
}

const isCpu = (node) => node.cpu !== null && node.cpu !== undefined;

// `along`: 0 at the left end of the line, 1 at its right end.
function numberAt(line, along) {
  const part = line.x1 <= line.x2 ? along : 1 - along;
  return { numberX: line.x1 + (line.x2 - line.x1) * part, numberY: line.y1 + (line.y2 - line.y1) * part };
}

// Edges both ways between two boxes run side by side.
function edgeLine(edge, number, boxes, { hasOpposite, isRing }) {
  const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const aside = hasOpposite ? 9 : 0;
  const [sideX, sideY] = [(-(to.y - from.y) / length) * aside, ((to.x - from.x) / length) * aside];
  const begin = borderPoint(from, to.x, to.y);
  const end = borderPoint(to, from.x, from.y);
  const line = { edge, x1: begin.x + sideX, y1: begin.y + sideY, x2: end.x + sideX, y2: end.y + sideY };
  // Between two columns lines cross and meet: numbers of neighbouring ones stand at different places.
  return { ...line, ...numberAt(line, isRing ? 0.5 : 0.3 + (number % 5) * 0.11), number };
}

function placeRingAndRest(boxes, ring, others, width, height, widest) {
  const left = others.length > 0 ? widest + 2 * kGap : 0;
  const room = width - left;
  placeColumn(others.map((node) => boxes.get(node.id)), widest / 2 + 4, height);
  placeRing(ring.map((id) => boxes.get(id)), { x: left + room / 2, y: height / 2 },
    Math.min(room / 2 - widest / 2 - 4, 190), height / 2 - kBoxHeight / 2 - 4);
}

export function layoutWaitsFor(graph, width) {
  const ring = ringOf(graph);
  const others = graph.nodes.filter((node) => !ring.includes(node.id));
  const cpus = others.filter(isCpu);
  const things = others.filter((node) => !isCpu(node));
  const boxMax = ring.length > 0 && others.length > 0 ? width / 3.4 : width / 2.4;
  const boxes = new Map(graph.nodes.map((node) => [node.id, boxOf(node, boxMax)]));
  const rows = ring.length > 0 ? Math.max(Math.ceil(ring.length / 2) + 1, others.length)
    : Math.max(cpus.length, things.length);
  const height = Math.max(120, rows * (kBoxHeight + 2 * kGap));
  const widest = Math.max(0, ...[...boxes.values()].map((box) => box.width));
  if (ring.length > 0) {
    placeRingAndRest(boxes, ring, others, width, height, widest);
  } else {
    placeColumn(cpus.map((node) => boxes.get(node.id)), widest / 2 + 4, height);
    placeColumn(things.map((node) => boxes.get(node.id)), Math.min(width, 420) - widest / 2 - 4, height);
  }
  const edges = graph.edges.filter((edge) => boxes.has(edge.from) && boxes.has(edge.to) && edge.from !== edge.to);
  const opposite = (edge) => edges.some((other) => other.from === edge.to && other.to === edge.from);
  return { width, height, boxes: [...boxes.values()], cycle: new Set(cyclesOf(graph).flat()),
    lines: edges.map((edge) => edgeLine(edge, graph.edges.indexOf(edge) + 1, boxes,
      { hasOpposite: opposite(edge), isRing: ring.length > 0 })) };
}
