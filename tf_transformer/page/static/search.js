"use strict";

/**
 * Beam search with a length penalty, as a tree that keeps what it drops; a beam of one is greedy.
 *
 * Yields `{ root, beam, ended }` after each step, and at the end, with `found`, the hypotheses,
 * best first. A node of the tree is a token: `{ id, parent, logProbability, total, isDropped, seen,
 * children }`. When a node has been continued, `seen` is what the model saw then: `next`, the most
 * probable tokens, and its attention.
 *
 * The same as `decoding/beam.py`: greedy search's hypothesis keeps its place until it has ended.
 * Wu et al. 2016, "Google's Neural Machine Translation System", section 7.
 *
 * @param engine has `step(memory, tokens, parents, cache)`, for the beam's last tokens
 * @param memory what `engine.encode` returned
 * @param first ids that the translation has to begin with
 */
async function* search(engine, memory, { beamSize, alpha, limit, first = [] }) {
  const root = node(null, START, 0);
  root.isGreedy = true;
  let beam = [root], ended = [], endedCount = 0, parents = [0], cache = null;
  for (let position = 0; position < limit; position++) {
    const stepped = await engine.step(memory, beam.map((each) => each.id), parents, cache);
    cache = stepped.cache;
    beam.forEach((each, row) => see(each, stepped, row, position, Math.max(2 * beamSize, SHOWN)));
    const forced = first[position];
    const candidates = beam.flatMap((each) => continuations(each, 2 * beamSize, forced));
    const rank = (each) => (each.isGreedy ? 1 : each.total); // 1: above all log-probabilities
    const best = candidates.sort((a, b) => rank(b) - rank(a)).slice(0, 2 * beamSize);

    // An END among the first half competes with the best that ended before; the others continue.
    const ending = best.slice(0, beamSize).filter((each) => each.id === END);
    for (const each of ending) each.score = each.total / lengthPenalty(position + 1, alpha);
    endedCount += ending.length;
    const next = best.filter((each) => each.id !== END).slice(0, beamSize);
    for (const each of [...ending, ...next]) each.parent.children.push(each);
    ended = [...ended, ...ending].sort((a, b) => b.score - a.score).slice(0, beamSize);
    parents = next.map((each) => beam.indexOf(each.parent));
    beam = next;
    yield { root, beam, ended };
    if (!beam.length || (endedCount >= beamSize && !beam.some((each) => each.isGreedy))) break;
  }
  // Where too few ended, hypotheses that the limit cut off fill the places.
  for (const each of beam) each.score = each.total / lengthPenalty(limit, alpha);
  const cut = beam.toSorted((a, b) => b.total - a.total).map((each) => ({ end: each, isCut: true }));
  const found = [...ended.map((each) => ({ end: each, isCut: false })), ...cut].slice(0, beamSize);
  yield { root, beam, ended, found };
}

const SHOWN = 8; // tokens whose probabilities are kept for people to see

function node(parent, id, logProbability) {
  const total = (parent?.total ?? 0) + logProbability;
  return { parent, id, logProbability, total, isGreedy: false, seen: null, children: [] };
}

/** Keep what the model saw when it continued a hypothesis. */
function see(each, { logits, cross, decoder }, row, position, most) {
  const scores = logits[row];
  const largest = scores.reduce((a, b) => Math.max(a, b));
  const logSum = largest + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - largest), 0));
  const next = largestOf(scores, most + 1)
    .filter((id) => position > 0 || id !== END) // an empty translation is no answer
    .slice(0, most)
    .map((id) => ({ id, logProbability: scores[id] - logSum }));
  each.seen = { next, cross: cross[row], decoder: decoder[row] };
}

/** Return the nodes that can follow one: the most probable, or the one that is asked for. */
function continuations(each, most, forced) {
  const next = each.seen.next.map(({ id, logProbability }, rank) => {
    const made = node(each, id, logProbability);
    made.isGreedy = each.isGreedy && (forced === undefined ? rank === 0 : id === forced);
    return made;
  });
  return forced === undefined ? next.slice(0, most) : next.filter(({ id }) => id === forced);
}

/** Return the places of the largest numbers, the largest first, and of equal ones the first. */
function largestOf(numbers, most) {
  const best = [];
  numbers.forEach((number, i) => {
    if (best.length === most && number <= numbers[best.at(-1)]) return;
    let at = best.length;
    while (at > 0 && numbers[best[at - 1]] < number) at--;
    best.splice(at, 0, i);
    if (best.length > most) best.pop();
  });
  return best;
}

const lengthPenalty = (length, alpha) => ((5 + length) / 6) ** alpha;

/** Return the nodes from the first token to one. */
function pathTo(each) {
  const path = [];
  for (let at = each; at.parent; at = at.parent) path.unshift(at);
  return path;
}
