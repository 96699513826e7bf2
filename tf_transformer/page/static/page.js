"use strict";
// What people see and do: a text goes to the translator, and each step of its search is shown.

const RUNTIME = ["runtime/ort.wasm.min", "runtime/runtime.mjs", "runtime/runtime.wasm"];
const MODEL = ["model/encoder.onnx", "model/step.onnx"];
const BEAMS = [1, 2, 4, 6, 8];
const ALPHA = 0.6; // strength of the length penalty
const CANDIDATES = 6;
const STARTED = ["[START]", true, true]; // a token, as attention.js shows it

let translator = null;
let runs = []; // for each sentence { sentence, state, chosen, first }, and line breaks as they are
let shownRun = null; // the one that is looked into
let number = 0; // of the translation that goes on; another one ends it

/* Translating */

/** Translate the text. */
function translate() {
  runs = translator.read(byId("text").value).map((piece) => (typeof piece === "string" ? piece
    : { sentence: piece, state: null, chosen: 0, first: [] }));
  return searchFor(runs.filter((run) => run.sentence?.ids.length));
}

/** Translate the sentence that is shown once more, with some tokens at its beginning. */
function goOnFrom(path) {
  Object.assign(shownRun, { first: path, chosen: 0 });
  return searchFor([shownRun]);
}

async function searchFor(toDo) {
  const mine = ++number;
  const options = { beamSize: Number(byId("beam").value), alpha: ALPHA };
  byId("sure").hidden = true;
  byId("free").hidden = runs.every((run) => !run.first?.length);
  byId("inside").hidden = !toDo.length;
  byId("translation").classList.add("running");
  showTranslation();
  for (const run of toDo) {
    for await (const found of translator.search(run.sentence, { ...options, first: run.first })) {
      if (mine !== number) return;
      run.state = found;
      showRun(run, followed(run));
      await pause(found.found ? 0 : Number(byId("pace").value));
      if (mine !== number) return;
    }
  }
  byId("translation").classList.remove("running");
  showConfidence();
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Return which token is pointed at: the newest, and in the end the one that was least sure. */
function followed(run) {
  if (state.held || maps[state.kind]?.name === "encoder") return {};
  const path = pathOf(run);
  return { query: run.state.found ? leastSure(path) : path.length - 1 };
}

/** Return the place of the token that had the least probability. */
const leastSure = (path) => path.reduce((least, { logProbability }, i) =>
  (logProbability < path[least].logProbability ? i : least), 0);

/** Return the last node of the hypothesis that is shown. */
function endOf(run) {
  const { found, beam, ended } = run.state;
  if (found) return differing(run)[run.chosen].end;
  return beam.find(({ isGreedy }) => isGreedy) ?? ended[0] ?? beam[0];
}

/** Return the found hypotheses that are spelled differently. */
function differing(run) {
  const texts = run.state.found.map(({ end }) => textOf(run, end));
  return run.state.found.filter((_, i) => texts.indexOf(texts[i]) === i);
}

const pathOf = (run) => pathTo(endOf(run));
const textOf = (run, end) => translator.textOf(run.sentence, pathTo(end).map(({ id }) => id));
const spelledTarget = (run, path) =>
  translator.spelled(translator.target, path.map(({ id }) => id), run.sentence.words);

/* What is shown */

function showRun(run, choices = {}) {
  shownRun = run;
  const drawnAnew = ["next", "tree"].map(byId);
  const focused = drawnAnew.find((part) => part.contains(document.activeElement));
  showTranslation();
  showTree(run);
  showMaps(mapsOf(run), choices); // which also shows what follows from the token that is chosen
  focused?.querySelector("[aria-pressed=true], .chosen")?.focus();
}

function showTranslation() {
  const pieces = runs.map((run) => {
    if (typeof run === "string") return run;
    if (!run.sentence.ids.length) return run.sentence.text;
    if (!run.state) return "";
    const text = textOf(run, endOf(run));
    if (runs.length === 1) return text;
    const button = element("button", { type: "button", "aria-pressed": run === shownRun }, text);
    button.addEventListener("click", () => showRun(run, { held: false }));
    return button;
  });
  const spaced = pieces.flatMap((piece, i) => {
    const isLine = typeof runs[i] === "string" || typeof runs[i - 1] === "string";
    return i && !isLine ? [" ", piece] : [piece];
  });
  byId("translation").replaceChildren(...spaced);
}

/** Return where the heads looked when they wrote the hypothesis that is shown. */
function mapsOf(run) {
  const path = pathOf(run), { sourceIds, encoder } = run.state;
  const source = translator.spelled(translator.source, sourceIds, run.sentence.words);
  const target = spelledTarget(run, path);
  const written = [STARTED, ...target.slice(0, -1)];
  const { layers, heads } = path[0].parent.seen.cross;
  const seen = (kind) => (layer, head, row, column) => {
    const { weights, keys } = path[row].parent.seen[kind];
    return column < keys ? weights[(layer * heads + head) * keys + column] : 0;
  };
  const inEncoder = (layer, head, row, column) =>
    encoder.weights[((layer * encoder.heads + head) * encoder.keys + row) * encoder.keys + column];
  return [
    attentionMap("cross", target, source, layers, heads, seen("cross")),
    attentionMap("encoder", source, source, encoder.layers, encoder.heads, inEncoder),
    attentionMap("decoder", target, written, layers, heads, seen("decoder")),
  ];
}

/** Return the node of the token that is pointed at, or the last one. */
function chosenNode(path) {
  return path[maps[state.kind]?.name === "encoder" ? path.length - 1 : state.query] ?? path.at(-1);
}

function showNext() {
  const path = pathOf(shownRun), node = chosenNode(path);
  const before = translator.target.detokenize(path.slice(0, path.indexOf(node)).map(({ id }) => id));
  byId("next-name").replaceChildren(before ? "After " : "First token",
    ...(before ? [element("b", {}, element("bdi", {}, before))] : []));
  const shown = node.parent.seen.next.slice(0, CANDIDATES);
  if (!shown.some(({ id }) => id === node.id)) shown.splice(-1, 1, node);
  byId("next").replaceChildren(...shown.map((candidate) => {
    const [text, starts, special] = spell(candidate.id), share = Math.exp(candidate.logProbability);
    const button = element("button", { type: "button", class: "candidate" + (special ? " special" : ""),
      "aria-pressed": candidate.id === node.id, "data-id": candidate.id },
      element("bdi", {}, starts ? text : "·" + text),
      element("span", {}, share < 0.001 ? "<0.1 %" : (100 * share).toFixed(1) + " %"));
    button.style.setProperty("--share", 100 * share + "%");
    return button;
  }));
}

const spell = (id) => translator.spelled(translator.target, [id], shownRun.sentence.words)[0];

function showTree(run) {
  const { root, beam, ended, found } = run.state;
  const kept = found ? found.map(({ end }) => end) : [...beam, ...ended];
  const alive = new Set(kept.flatMap(pathTo));
  const path = pathOf(run);
  drawTree(byId("tree"), { root, best: path.at(-1), spell, isAlive: (node) => alive.has(node) });
  byId("found").replaceChildren(...(found ? differing(run) : []).map(({ end, isCut }, i) => {
    const radio = element("input", { type: "radio", name: "found" });
    radio.checked = i === run.chosen;
    radio.addEventListener("change", () => {
      run.chosen = i;
      showRun(run, { query: leastSure(pathOf(run)), held: false });
      byId("found").querySelectorAll("input")[i].focus();
    });
    const text = textOf(run, end) + (isCut ? " … (cut)" : "");
    const score = end.score.toFixed(2).replace("-", "−");
    return element("label", {}, radio, element("span", {}, score), element("bdi", {}, text));
  }));
}

function showConfidence() {
  if (!translator.confidence || !runs.length) return;
  const confidence = translator.confidence.of(runs.filter((run) => run.sentence).map((run) =>
    translator.evidence(run.sentence, run.state?.found[0].end, run.state?.sourceIds)));
  byId("meter").value = confidence;
  byId("sure-text").textContent =
    `Confidence ${percent(confidence)}: the chance that it has at least the model's usual quality`;
  byId("sure").hidden = false;
}

/* What people do */

byId("attention").addEventListener("shown", () => {
  showNext();
  const node = chosenNode(pathOf(shownRun));
  for (const group of byId("tree").querySelectorAll("g")) {
    group.classList.toggle("chosen", group.node === node);
    group.setAttribute("tabindex", group.node === node ? 0 : -1);
    if (group.node === node) scrollTo(group);
  }
});
byId("next").addEventListener("click", (event) => {
  const button = event.target.closest("[data-id]");
  if (!button) return;
  const path = pathOf(shownRun), before = path.slice(0, path.indexOf(chosenNode(path)));
  goOnFrom([...before.map(({ id }) => id), Number(button.dataset.id)]);
});
byId("tree").addEventListener("click", (event) => {
  const node = event.target.closest("g")?.node;
  if (!node) return;
  const query = pathOf(shownRun).indexOf(node);
  const kind = maps[state.kind].name === "encoder" ? 0 : state.kind; // whose tokens are the source's
  if (query >= 0) showMaps(maps, { kind, query, held: true });
  else goOnFrom(pathTo(node).map(({ id }) => id));
});
byId("tree").addEventListener("keydown", (event) => {
  const group = event.target.closest("g");
  if (!group) return;
  if (event.key === "Enter" || event.key === " ") {
    group.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  } else if (event.key.startsWith("Arrow")) neighbour(byId("tree"), group, event.key)?.focus();
  else return;
  event.preventDefault();
});
byId("free").addEventListener("click", () => translate());
byId("asked").addEventListener("submit", (event) => {
  event.preventDefault();
  state.held = false;
  if (translator) translate();
});
byId("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byId("asked").requestSubmit();
});
byId("examples").addEventListener("change", (event) => {
  byId("text").value = event.target.value;
  byId("asked").requestSubmit();
});
byId("beam").addEventListener("change", () => byId("asked").requestSubmit());

/** Scroll the tree, if it is wider than its frame, until a token is within. */
function scrollTo(group) {
  const frame = byId("tree").parentElement, { x, width } = group.getBBox();
  const isSeen = x >= frame.scrollLeft && x + width <= frame.scrollLeft + frame.clientWidth;
  if (!isSeen) frame.scrollLeft = x - frame.clientWidth / 2;
}

/* The start */

function script(name) {
  return new Promise((resolve, reject) => {
    const made = element("script", { src: name + ".js" });
    made.onload = resolve;
    made.onerror = () => reject(new Error(`${name}.js cannot be loaded.`));
    document.head.append(made);
  });
}

async function loadEngine() {
  const names = [...RUNTIME, ...MODEL];
  for (const [i, name] of names.entries()) {
    byId("status").textContent = `Loading the model: ${i + 1} of ${names.length} files …`;
    await script(name);
  }
  byId("status").textContent = "Starting the model …";
  ort.env.wasm.numThreads = 1; // several need headers of the server
  ort.env.wasm.wasmBinary = await unpack("runtime.wasm");
  const code = new Blob([await unpack("runtime.mjs")], { type: "text/javascript" });
  ort.env.wasm.wasmPaths = { mjs: URL.createObjectURL(code) };
  const models = { encoder: await unpack("encoder.onnx"), step: await unpack("step.onnx") };
  return OnnxEngine.load(ort, models);
}

const languageName = (code) => {
  try {
    return new Intl.DisplayNames("en", { type: "language" }).of(code.trim());
  } catch {
    return code;
  }
};

async function start() {
  const { languages, facts, examples } = settings;
  const [source, target] = languages.split(" → ");
  if (target && !languages.includes(",")) {
    byId("source-name").textContent = languageName(source);
    byId("target-name").textContent = languageName(target);
    byId("text").lang = source;
    byId("translation").lang = target;
  }
  byId("facts").append(...facts.flatMap(([name, fact]) => [
    element("dt", {}, name), element("dd", {}, fact)]));
  byId("about").hidden = !facts.length;
  const sentences = examples.map((text) => new Option(text));
  byId("examples").append(new Option("Examples …", ""), ...sentences);
  byId("examples").hidden = !examples.length;
  byId("beam").append(...BEAMS.map((size) => new Option(size === 1 ? "1 (greedy)" : size, size)));
  byId("beam").value = "4";
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) byId("pace").value = "0";
  Object.assign(state, { layer: Infinity, head: Infinity }); // the mean of the last layer's heads
  byId("text").value = new URLSearchParams(location.hash.slice(1)).get("text") || examples[0] || "";
  try {
    translator = new Translator(settings, await loadEngine());
    byId("status").textContent = "";
    byId("go").disabled = false;
    await translate();
  } catch (error) {
    byId("status").textContent = `This browser cannot run the model: ${error.message}`;
    throw error;
  }
}
start();
