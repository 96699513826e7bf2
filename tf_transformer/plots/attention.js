"use strict";
// Where the heads look: the view of all pages that show attention, within the element #attention.

const LEAST_SHOWN = 0.03; // smallest share that is drawn, apart from the three largest
const BLUE = [59, 130, 246]; // of the maps, seen on light and dark

const KINDS = { // the words for each kind of attention
  cross: { title: "Translation to source", query_name: "Translation", key_name: "Source",
    verb: "writing" },
  encoder: { title: "Source to itself", query_name: "Source",
    key_name: "Source, as the encoder sees it", verb: "reading" },
  decoder: { title: "Translation to itself", query_name: "Translation",
    key_name: "What is written so far", verb: "writing" },
};

const byId = (id) => document.getElementById(id);
const percent = (share) => Math.round(100 * share) + "\u00a0%";
const state = { kind: 0, layer: 0, head: 0, query: 0, held: false };
let maps = [];

byId("attention").innerHTML = `
  <fieldset class="kinds" id="kinds"><legend>Attention</legend></fieldset>

  <section class="view" aria-label="Words">
    <svg id="curves" aria-hidden="true"></svg>
    <div class="name" id="queries-name"></div>
    <div class="sentence" id="queries" role="listbox" aria-orientation="horizontal"
      aria-labelledby="queries-name"></div>
    <div class="name" id="keys-name"></div>
    <div class="sentence" id="keys" role="list" aria-labelledby="keys-name"></div>
    <p id="said" aria-live="polite"></p>
  </section>

  <h2 id="heads-name">Each head of each layer</h2>
  <div class="heads">
    <div class="grid" id="heads" role="radiogroup" aria-labelledby="heads-name"></div>
  </div>`;

/**
 * Return a kind of attention for `showMaps`.
 *
 * @param name one of KINDS
 * @param queries tokens, each [text, whether a word starts with it, whether it is a special one]
 * @param keys tokens
 * @param weightOf the weight of a layer's head, counted from 0, at a row and a column
 */
function attentionMap(name, queries, keys, layers, heads, weightOf) {
  const weight = (layer, head, row, column) => {
    if (head < heads) return weightOf(layer, head, row, column);
    let sum = 0; // the last "head" is the mean
    for (let h = 0; h < heads; h++) sum += weightOf(layer, h, row, column);
    return sum / heads;
  };
  const choices = heads > 1 ? heads + 1 : 1; // the mean of a single head is that head
  return { ...KINDS[name], name, causal: name === "decoder", queries, keys, layers, heads, choices,
    weight, rows: queries.length, columns: keys.length };
}

const shares = (map, layer, head, row) =>
  Array.from({ length: map.columns }, (_, column) => map.weight(layer, head, row, column));

/** Return the places of the shares that are worth showing, the best first. */
function worthShowing(found) {
  const order = [...found.keys()].sort((a, b) => found[b] - found[a]);
  return order.filter((i, rank) => found[i] >= LEAST_SHOWN || (rank < 3 && found[i] > 0));
}

const headName = (map, head) => (head < map.heads ? "head " + (head + 1) : "mean");

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function tokenElement([text, starts, special], attributes) {
  const classes = "token" + (starts ? " starts" : "") + (special ? " special" : "");
  return element("span", { class: classes, ...attributes }, element("bdi", {}, text));
}

/* What is there for a kind of attention */

/** Show attention in place of what was shown, and keep the choices as far as they are there. */
function showMaps(found, choices = {}) {
  maps = found;
  Object.assign(state, choices);
  state.kind = Math.min(state.kind, maps.length - 1);
  byId("kinds").replaceChildren(byId("kinds").querySelector("legend"), ...maps.map((map, i) => {
    const radio = element("input", { type: "radio", name: "kind" });
    radio.checked = i === state.kind;
    radio.addEventListener("change", () => {
      Object.assign(state, { kind: i, held: false });
      showKind();
    });
    return element("label", {}, radio, map.title);
  }));
  byId("kinds").hidden = maps.length < 2;
  showKind();
}

function showKind() {
  const map = maps[state.kind];
  state.query = Math.min(state.query, map.rows - 1);
  state.layer = Math.min(state.layer, map.layers - 1);
  state.head = Math.min(state.head, map.choices - 1);
  byId("queries-name").textContent = map.query_name;
  byId("keys-name").textContent = map.key_name;
  byId("queries").replaceChildren(
    ...map.queries.map((token, i) => tokenElement(token, { role: "option", "data-i": i })));
  byId("keys").replaceChildren(
    ...map.keys.map((token) => {
      const made = tokenElement(token, { role: "listitem" });
      made.append(element("small", { "aria-hidden": "true" }));
      return made;
    }));
  const grid = byId("heads");
  grid.style.gridTemplateColumns = `auto repeat(${map.choices}, minmax(5.5rem, 9rem))`;
  grid.replaceChildren(element("span", {}));
  for (let head = 0; head < map.choices; head++) {
    grid.append(element("span", { "aria-hidden": "true" }, headName(map, head)));
  }
  for (let layer = 0; layer < map.layers; layer++) {
    grid.append(element("span", { class: "layer", "aria-hidden": "true" }, "layer " + (layer + 1)));
    for (let head = 0; head < map.choices; head++) grid.append(cell(map, layer, head));
  }
  show();
}

function cell(map, layer, head) {
  const radio = element("input", { type: "radio", name: "head", value: layer + "," + head });
  const canvas = element("canvas", { width: map.columns, height: map.rows, "aria-hidden": "true" });
  const image = new ImageData(map.columns, map.rows);
  for (let row = 0, at = 0; row < map.rows; row++) {
    for (let column = 0; column < map.columns; column++, at += 4) {
      const share = map.weight(layer, head, row, column);
      image.data.set([...BLUE, 255 * Math.sqrt(share)], at); // so that small ones show, too
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return element("label", { class: "cell" }, radio,
    element("div", { class: "map" }, canvas, element("i", {})),
    element("output", { "aria-hidden": "true" }, element("bdi", {}), element("span", {})));
}

/* What changes with the word and the head */

function show() {
  const map = maps[state.kind];
  const found = shares(map, state.layer, state.head, state.query);
  const shown = worthShowing(found);
  byId("queries").classList.toggle("held", state.held);
  [...byId("queries").children].forEach((token, i) => {
    token.setAttribute("aria-selected", i === state.query);
    token.tabIndex = i === state.query ? 0 : -1;
  });
  [...byId("keys").children].forEach((token, i) => {
    token.classList.toggle("later", map.causal && i > state.query);
    token.style.setProperty("--share", 100 * found[i] + "%");
    const number = shown.includes(i) ? Math.round(100 * found[i]) : "";
    token.querySelector("small").textContent = number;
    token.setAttribute("aria-label", map.keys[i][0] + ", " + percent(found[i]));
  });
  for (const radio of byId("heads").querySelectorAll("input")) {
    const [layer, head] = radio.value.split(",").map(Number);
    const row = shares(map, layer, head, state.query);
    const best = row.indexOf(Math.max(...row));
    const box = radio.closest(".cell");
    radio.checked = layer === state.layer && head === state.head;
    box.querySelector("i").style.top = (100 * state.query) / map.rows + "%";
    box.querySelector("i").style.height = 100 / map.rows + "%";
    box.querySelector("bdi").textContent = map.keys[best][0];
    box.querySelector("output span").textContent = percent(row[best]);
    radio.setAttribute("aria-label", "layer " + (layer + 1) + ", " + headName(map, head)
      + ": most at " + map.keys[best][0] + ", " + percent(row[best]));
  }
  say(map, found, shown.slice(0, 5));
  drawCurves(found, shown);
  byId("attention").dispatchEvent(new Event("shown"));
}

function say(map, found, best) {
  const word = element("b", {}, element("bdi", {}, map.queries[state.query][0]));
  const parts = best.flatMap((i, rank) => [
    rank ? ", " : "", element("b", {}, element("bdi", {}, map.keys[i][0])), " " + percent(found[i])]);
  const who = "Layer " + (state.layer + 1) + ", " + headName(map, state.head);
  byId("said").replaceChildren(who + ": " + map.verb + " ", word, ", it looks at ", ...parts, ".");
}

function drawCurves(found, shown) {
  const frame = byId("curves").getBoundingClientRect();
  const from = byId("queries").children[state.query].getBoundingClientRect();
  const x = from.left + from.width / 2 - frame.left, y = from.bottom - frame.top + 2;
  const paths = shown.map((i) => {
    const to = byId("keys").children[i].getBoundingClientRect();
    const end = to.left + to.width / 2 - frame.left, below = to.top - frame.top - 1;
    const middle = (y + below) / 2;
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", `M${x} ${y} C${x} ${middle} ${end} ${middle} ${end} ${below}`);
    path.style.strokeWidth = 1 + 6 * found[i];
    path.style.opacity = 0.15 + 0.7 * found[i];
    return path;
  });
  byId("curves").replaceChildren(...paths);
}

/* What people do */

function choose(changes) {
  Object.assign(state, changes);
  show();
}

const tokenAt = (event) => event.target.closest("[data-i]");

byId("queries").addEventListener("pointerover", (event) => {
  const token = tokenAt(event);
  if (token && !state.held) choose({ query: Number(token.dataset.i) });
});
byId("queries").addEventListener("click", (event) => {
  const token = tokenAt(event);
  if (!token) return;
  const query = Number(token.dataset.i);
  choose({ query, held: !(state.held && query === state.query) });
  token.focus();
});
byId("queries").addEventListener("keydown", (event) => {
  const last = maps[state.kind].rows - 1;
  const goes = { ArrowLeft: state.query - 1, ArrowUp: state.query - 1, ArrowRight: state.query + 1,
    ArrowDown: state.query + 1, Home: 0, End: last };
  if (event.key === "Enter" || event.key === " ") choose({ held: !state.held });
  else if (event.key in goes) choose({ query: Math.min(Math.max(goes[event.key], 0), last) });
  else return;
  event.preventDefault();
  byId("queries").children[state.query].focus();
});
byId("heads").addEventListener("change", (event) => {
  const [layer, head] = event.target.value.split(",").map(Number);
  choose({ layer, head });
});
byId("heads").addEventListener("keydown", (event) => { // as a grid, not as the one list of a group
  const map = maps[state.kind];
  const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1],
    ArrowRight: [0, 1] }[event.key] || [0, 0];
  if (!down && !right) return;
  event.preventDefault();
  const layer = (state.layer + down + map.layers) % map.layers;
  const head = (state.head + right + map.choices) % map.choices;
  choose({ layer, head });
  byId("heads").querySelector(`[value="${layer},${head}"]`).focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && maps.length) choose({ held: false });
});
byId("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  root.style.colorScheme = (root.style.colorScheme || system) === "dark" ? "light" : "dark";
});
new ResizeObserver(() => {
  if (!maps.length) return;
  const found = shares(maps[state.kind], state.layer, state.head, state.query);
  drawCurves(found, worthShowing(found));
}).observe(byId("queries"));
