"""The page's beam search finds what the package's finds."""

import numpy as np
import pytest
import tensorflow as tf

from tests.decoding.toy import ToyModel
from tests.page.javascript import in_node, run_javascript
from tf_transformer.decoding import BeamSearch

# The engine that `ToyModel` is.
_ENGINE = """
const rows = given.table.length;
const engine = {
  step(memory, tokens, parents, cache) {
    const before = parents.map((parent) => (cache ? cache[parent] : memory));
    const now = tokens.map((token, i) => (31 * before[i] + 7 * token + 1) % rows);
    const logits = now.map((row) => Float32Array.from(given.table[row]));
    return { logits, cross: now, decoder: now, cache: now };
  },
};
const all = async (source, options) => {
  let last;
  for await (last of search(engine, source, options));
  return last;
};
"""
_SEARCH = """
const found = [];
for (const { source, ...options } of given.cases) {
  const last = await all(source, options);
  const ids = (end) => pathTo(end).map(({ id }) => id);
  found.push(last.found.map(({ end, isCut }) => [ids(end), end.score, isCut]));
}
return found;
"""


@in_node
@pytest.mark.parametrize(("beam_size", "alpha"), [(1, 0.0), (4, 0.6)])
def test_every_hypothesis_is_that_of_the_package(beam_size, alpha):
    model, limits = ToyModel(vocab_size=9), [1, 2, 5, 12, 12, 12, 20, 20]
    sources = np.arange(11, 11 + len(limits))
    search = BeamSearch(beam_size, alpha, min_length=1)
    theirs = search(model, tf.constant(sources[:, None], tf.int32), tf.constant(limits))
    cases = [
        {"source": int(source), "beamSize": beam_size, "alpha": alpha, "limit": limit}
        for source, limit in zip(sources, limits, strict=True)
    ]
    given = {"table": model.table.tolist(), "cases": cases}
    for row, found in enumerate(run_javascript(["tokenizer", "search"], _ENGINE + _SEARCH, given)):
        exist = theirs.scores[row].numpy() > -1e8  # where a limit is short, beams are not filled
        assert len(found) == exist.sum()
        for rank, (ids, score, is_cut) in enumerate(found):
            padded = theirs.ids[row, rank].numpy()
            np.testing.assert_array_equal(ids, padded[: len(ids)])
            assert not padded[len(ids) :].any()
            assert score == pytest.approx(float(theirs.scores[row, rank]), abs=1e-4)
            assert is_cut == bool(theirs.truncated[row, rank])


@in_node
def test_a_beginning_that_is_asked_for_is_kept_and_dropped_branches_stay_in_the_tree():
    code = """
    const options = { beamSize: 3, alpha: 0.6, limit: 9 };
    const free = await all(5, options), asked = await all(5, { ...options, first: [6, 7] });
    const size = (node) => 1 + node.children.map(size).reduce((a, b) => a + b, 0);
    const kept = new Set(free.found.flatMap(({ end }) => pathTo(end))).size;
    const steps = pathTo(free.found[0].end).map((node) => node.parent.seen.next);
    return { first: asked.found.map(({ end }) => pathTo(end).slice(0, 2).map(({ id }) => id)),
      nodes: size(free.root) - 1, kept, steps };
    """
    table = ToyModel(vocab_size=9).table.tolist()
    found = run_javascript(["tokenizer", "search"], _ENGINE + code, {"table": table})
    assert found["first"] == [[6, 7]] * 3
    assert found["nodes"] > found["kept"] > 3
    for position, step in enumerate(found["steps"]):
        shares = np.exp([each["logProbability"] for each in step])
        assert (np.diff(shares) <= 0).all()
        assert (3 in [each["id"] for each in step]) == (position > 0)  # END comes not first
        assert shares.sum() <= 1 + 1e-6
