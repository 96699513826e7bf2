"use strict";
// The beam as a tree: time goes right, the best translation straight on, others branch off below.

const ROW = 37, GAP = 26, EDGE = 22; // pixels
const LEAST = 0.01; // probability of a dropped token that is drawn
const SVG = "http://www.w3.org/2000/svg";

/**
 * Draw the tree of a search.
 *
 * @param svg where to draw
 * @param root its first node, before all tokens
 * @param best the node at the end of the best translation so far
 * @param spell returns the text of an id, whether a word starts with it, and whether it is special
 * @param isAlive returns whether a node is on the way to a translation that is kept
 */
function drawTree(svg, { root, best, spell, isAlive }) {
  const onBest = new Set(pathTo(best));
  const branches = branchesOf(root, onBest, (node) => isAlive(node) || shareOf(node) >= LEAST);
  const rows = placeBranches(branches);
  const widths = columnWidths(branches, spell);
  const lefts = [EDGE + GAP];
  for (const width of widths) lefts.push(lefts.at(-1) + width + GAP);
  const at = new Map([[root, { x: EDGE, y: EDGE }]]);
  branches.forEach((branch, i) => branch.nodes.forEach((node, step) => at.set(node, {
    x: lefts[branch.column + step], y: EDGE + ROW * rows[i],
  })));

  const lines = [], tokens = [];
  for (const [node, { x, y }] of [...at].slice(1)) {
    const width = node.parent === root ? 0 : widths[depthOf(node.parent)];
    lines.push(line(at.get(node.parent), x, y, width, onBest.has(node)));
    tokens.push(token(node, x, y, widths[depthOf(node)], spell(node.id), isAlive(node)));
  }
  const start = svgElement("circle", { cx: EDGE, cy: EDGE, r: 4 });
  svg.replaceChildren(start, ...lines.sort((a, b) => a.classList.length - b.classList.length), ...tokens);
  svg.setAttribute("width", lefts.at(-1) - GAP + EDGE);
  svg.setAttribute("height", ROW * (Math.max(0, ...rows) + 1) + EDGE);
}

const depthOf = (node) => pathTo(node).length - 1;
const shareOf = (node) => Math.exp(node.logProbability);

/** Split a tree into branches, each the nodes that go straight on, and its first column. */
function branchesOf(root, onBest, isDrawn) {
  const furthest = new Map(); // node: how far its descendants get
  const reach = (node) => {
    furthest.set(node, 1 + Math.max(0, ...node.children.map(reach)));
    return furthest.get(node);
  };
  reach(root);
  const order = (a, b) => onBest.has(b) - onBest.has(a) || furthest.get(b) - furthest.get(a)
    || b.total - a.total;
  const childrenOf = (node) => node.children.filter(isDrawn).sort(order);
  const branches = [];
  const follow = (start, column, above) => {
    const branch = { nodes: [], column, above };
    const number = branches.push(branch) - 1;
    for (let node = start; node; ) {
      branch.nodes.push(node);
      const [next, ...others] = childrenOf(node);
      const after = column + branch.nodes.length;
      for (const other of others) branch.later = [...(branch.later ?? []), [other, after]];
      node = next;
    }
    for (const [other, after] of branch.later ?? []) follow(other, after, number);
  };
  const [first, ...others] = childrenOf(root);
  if (first) follow(first, 0, 0);
  for (const other of others) follow(other, 0, 0);
  return branches;
}

/** Return a row for each branch, below the one that it leaves, so that no two of them meet. */
function placeBranches(branches) {
  const taken = []; // row: columns that are taken
  const rows = branches.map(() => 0);
  const place = (number) => {
    const { nodes, column, above } = branches[number];
    const last = column + nodes.length;
    let row = number ? rows[above] + 1 : 0;
    const isFree = () => !(taken[row] ?? []).some((each) => each >= column - 1 && each <= last);
    while (!isFree()) row++;
    for (let each = 0; each <= row; each++) taken[each] ??= [];
    for (let each = column - 1; each < last; each++) taken[row].push(each);
    for (let each = rows[above] + 1; each < row; each++) taken[each].push(column - 1); // its line
    rows[number] = row;
    const below = branches.map((_, i) => i).filter((i) => i && i !== number && branches[i].above === number);
    // Those that leave last are placed first, or their lines would cross.
    below.sort((a, b) => branches[b].column - branches[a].column).forEach(place);
  };
  if (branches.length) place(0);
  return rows;
}

function columnWidths(branches, spell) {
  const widths = [];
  for (const { nodes, column } of branches) {
    nodes.forEach((node, step) => {
      const wide = 12 + 8.2 * [...spell(node.id)[0]].length;
      widths[column + step] = Math.max(widths[column + step] ?? 34, wide);
    });
  }
  return widths;
}

function line(from, x, y, width, isBest) {
  const start = from.x + width, middle = start + GAP / 2;
  const d = from.y === y ? `M${from.x} ${y}H${x}`
    : `M${start - 4} ${from.y}C${middle} ${from.y} ${middle - 8} ${y} ${x} ${y}`;
  return svgElement("path", { d, ...(isBest ? { class: "best" } : {}) });
}

function token(node, x, y, width, [text, starts, special], isAlive) {
  const classes = [!isAlive && "dropped", special && "special"].filter(Boolean);
  const share = shareOf(node) < 0.01 ? "<1\u00a0%" : percent(shareOf(node));
  const group = svgElement("g", { class: classes.join(" "), role: "button", tabindex: -1,
    "aria-label": `${text}, ${share}` });
  const label = svgElement("text", { x: x + width / 2, y: y + 4, "text-anchor": "middle" });
  label.textContent = starts ? text : "·" + text;
  const number = svgElement("text", { x: x + width / 2, y: y + 16, "text-anchor": "middle", class: "share" });
  number.textContent = share;
  const box = svgElement("rect", { x, y: y - 13, width, height: 31 });
  group.append(box, label, number);
  return Object.assign(group, { node, x, y });
}

/** Return the token that an arrow key leads to from another, if any. */
function neighbour(svg, from, key) {
  const groups = [...svg.querySelectorAll("g")];
  const down = { ArrowUp: -1, ArrowDown: 1 }[key];
  if (key === "ArrowLeft") return groups.find(({ node }) => node === from.node.parent);
  if (key === "ArrowRight") return groups.find(({ node }) => node.parent === from.node);
  const across = ({ x }) => Math.abs(x - from.x), along = ({ y }) => down * (y - from.y);
  return groups.filter((group) => along(group) > 0)
    .sort((a, b) => across(a) - across(b) || along(a) - along(b))[0];
}

function svgElement(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
