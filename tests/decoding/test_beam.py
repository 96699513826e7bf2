"""Beam search finds what is best among all that it could see."""

import numpy as np
import pytest
import tensorflow as tf

from tests.decoding.test_greedy import LIMITS, SOURCE, random_model
from tests.decoding.toy import Countdown, ToyModel, source, strip
from tf_transformer.decoding import BeamSearch, GreedySearch, length_penalty
from tf_transformer.text import END, PAD


@pytest.fixture(scope="module")
def trained_rows(trained):
    """What a trained model has learned to translate, and the limits."""
    tokens = trained.tokenizers[0].tokenize(trained.pairs.sources)
    ends = tf.fill([len(trained.pairs), 1], END)
    return tf.concat([tokens, ends], axis=1).to_tensor(), tf.fill([len(trained.pairs)], 40)


@pytest.fixture(scope="module")
def trained_search(trained, trained_rows):
    """Beam search of these rows: `trained_search(4, 0.6)`."""

    @tf.function  # one graph for beams of all sizes
    def search(beam_size, alpha):
        return BeamSearch(beam_size, alpha)(trained.model, *trained_rows)

    return lambda beam_size, alpha: search(tf.constant(beam_size), tf.constant(alpha))


@pytest.fixture(scope="module")
def greedy(trained, trained_rows):
    """What greedy search finds for the same rows."""
    return GreedySearch()(trained.model, *trained_rows)


def penalty(length, alpha):
    return ((5 + length) / 6) ** alpha


@pytest.mark.parametrize(
    ("length", "alpha", "expected"),
    [(1, 0.6, 1.0), (7, 1.0, 2.0), (19, 0.5, 2.0), (13, 0.0, 1.0), (43, 2.0, 64.0)],
)
def test_the_length_penalty_is_that_of_wu_et_al(length, alpha, expected):
    assert float(length_penalty(length, alpha)) == pytest.approx(expected)


@pytest.mark.parametrize("alpha", [0.0, 0.6, 2.0])
def test_a_beam_that_holds_all_hypotheses_finds_them_all_in_order(alpha):
    limit, beam_size = 4, 750  # 5 ** 3 hypotheses of 3 tokens go on, in 6 ways each
    first_ids = (3, 50)
    model = ToyModel()
    found = BeamSearch(beam_size, alpha)(model, source(*first_ids), tf.fill([2], limit))
    for first_id, ids, scores, truncated in zip(first_ids, *map(np.array, found[:3]), strict=True):
        ended, cut = (
            {ids: log_prob / penalty(len(ids), alpha) for ids, log_prob in found.items()}
            for found in model.hypotheses(first_id, limit)
        )
        rows = strip(ids)
        assert len(set(rows)) == beam_size
        assert set(rows[: len(ended)]) == set(ended)
        np.testing.assert_allclose(scores, [(ended | cut)[row] for row in rows], atol=1e-4)
        best_cut = sorted(cut.values(), reverse=True)[: beam_size - len(ended)]
        expected = sorted(ended.values(), reverse=True) + best_cut
        np.testing.assert_allclose(scores, expected, atol=1e-4)
        np.testing.assert_array_equal(truncated, np.arange(beam_size) >= len(ended))


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_a_beam_of_one_is_greedy_search(limit):
    first_ids, limits = source(*range(40)), tf.fill([40], limit)
    greedy = GreedySearch()(ToyModel(), first_ids, limits)
    beam = BeamSearch(beam_size=1, alpha=0.0)(ToyModel(), first_ids, limits)
    np.testing.assert_array_equal(beam.ids[:, 0], greedy.ids)
    np.testing.assert_allclose(beam.scores[:, 0], greedy.scores, atol=1e-5)
    np.testing.assert_array_equal(beam.truncated[:, 0], greedy.truncated)


def test_a_beam_of_one_is_greedy_search_with_a_trained_model(trained_search, greedy):
    beam = trained_search(1, 0.0)
    np.testing.assert_array_equal(beam.ids[:, 0], greedy.ids)
    np.testing.assert_allclose(beam.scores[:, 0], greedy.scores, atol=1e-4)


@pytest.mark.parametrize("alpha", [0.0, 0.6])
def test_the_best_of_a_beam_is_never_below_greedy(trained_search, greedy, alpha):
    beam = trained_search(4, alpha)
    lengths = np.array([len(ids) for ids in strip(greedy.ids)])
    greedy_scores = np.array(greedy.scores) / penalty(lengths, alpha)
    assert (np.array(beam.scores)[:, 0] >= greedy_scores - 1e-5).all()


@pytest.mark.parametrize("alpha", [0.0, 0.6])
def test_greedy_search_s_hypothesis_never_falls_off_the_beam(alpha):
    """Of these 300 translations plain beam search misses some that are better than its own."""
    model, first_ids, limits = ToyModel(rows=997), source(*range(300)), tf.fill([300], 15)
    model.table *= 3
    greedy = GreedySearch()(model, first_ids, limits)
    beam = BeamSearch(3, alpha)(model, first_ids, limits)
    lengths = np.array([len(ids) for ids in strip(greedy.ids)])
    greedy_scores = np.array(greedy.scores) / penalty(lengths, alpha)
    ended = ~np.array(greedy.truncated)
    assert ended.sum() > 200
    assert (np.array(beam.scores)[:, 0] >= greedy_scores - 1e-5)[ended].all()


def test_hypotheses_are_distinct_and_the_best_come_first(trained_search):
    found = trained_search(6, 0.6)
    for ids, scores, truncated in zip(*map(np.array, found[:3]), strict=True):
        assert len(set(strip(ids))) == 6
        assert (np.diff(truncated.astype(int)) >= 0).all()
        for kind in (False, True):
            assert (np.diff(scores[truncated == kind]) <= 0).all()


@pytest.mark.parametrize("alpha", [0.0, 0.6])
def test_scores_are_log_probabilities_over_the_length_penalty(alpha):
    model, first_ids = ToyModel(vocab_size=9), range(10)
    found = BeamSearch(3, alpha)(model, source(*first_ids), tf.fill([10], 6))
    for first_id, ids, scores in zip(first_ids, found.ids, found.scores, strict=True):
        expected = [model.log_prob(first_id, row) / penalty(len(row), alpha) for row in strip(ids)]
        np.testing.assert_allclose(scores, expected, atol=1e-5)


def test_a_stronger_length_penalty_favours_longer_hypotheses():
    first_ids, limits = source(*range(40)), tf.fill([40], 12)

    def mean_length(alpha):
        best = strip(BeamSearch(8, alpha)(ToyModel(), first_ids, limits).ids[:, 0])
        return np.mean([len(ids) for ids in best])

    assert mean_length(0.0) < mean_length(1.0) < mean_length(3.0)


def test_only_padding_follows_an_end():
    found = BeamSearch(4)(ToyModel(), source(*range(40)), tf.fill([40], 9))
    ids = np.array(found.ids)
    after_end = np.cumsum(ids == END, axis=-1) - (ids == END) > 0
    assert after_end.any()
    assert (ids[after_end] == PAD).all()
    np.testing.assert_array_equal(found.truncated, ~(ids == END).any(axis=-1))


def test_a_row_is_searched_as_if_it_were_alone():
    first_ids, limits = range(12), [1, 2, 3, 4, 5, 6, 7, 8, 9, 2, 5, 9]
    together = BeamSearch(4)(ToyModel(), source(*first_ids), tf.constant(limits))
    for i, limit in enumerate(limits):
        alone = BeamSearch(4)(ToyModel(), source(first_ids[i]), tf.constant([limit]))
        np.testing.assert_array_equal(together.ids[i, :, :limit], alone.ids[0])
        np.testing.assert_allclose(together.scores[i], alone.scores[0], atol=1e-5)
        np.testing.assert_array_equal(together.truncated[i], alone.truncated[0])
        assert not np.array(together.ids)[i, :, limit:].any()


def test_the_loop_ends_when_enough_hypotheses_have_ended():
    always_likely_to_end = ToyModel(table=[[0, 0, 0, 2, 0, 0]])
    found = BeamSearch(4)(always_likely_to_end, source(0, 0), tf.fill([2], 50))
    assert always_likely_to_end.steps < 6
    assert not np.array(found.truncated).any()

    model = Countdown()
    BeamSearch(beam_size=1)(model, source(1, 3, 5, 90), tf.constant([50, 50, 50, 4]))
    assert model.steps == 5


def test_a_limit_of_zero_gives_empty_hypotheses_that_are_not_truncated():
    found = BeamSearch(4)(ToyModel(), source(7, 7), tf.constant([0, 3]))
    assert not np.array(found.ids)[0].any()
    assert not np.array(found.scores)[0].any()
    assert not np.array(found.truncated)[0].any()
    assert np.array(found.ids)[1].any()


def test_no_rows_give_no_rows():
    found = BeamSearch(4)(ToyModel(), tf.zeros([0, 3], tf.int32), tf.zeros([0], tf.int32))
    assert found.scores.shape == found.truncated.shape == (0, 4)
    assert found.ids.shape[:2] == (0, 4)


@pytest.mark.usefixtures("optimized_graphs")
def test_eager_graph_and_xla_find_the_same():
    model, limits = random_model(), tf.constant(LIMITS)
    eager = BeamSearch(3)(model, tf.constant(SOURCE), limits)
    for jit_compile in (False, True):
        search = tf.function(lambda s: BeamSearch(3)(model, s, limits), jit_compile=jit_compile)
        found = search(tf.constant(SOURCE))
        np.testing.assert_array_equal(found.ids, eager.ids)
        np.testing.assert_allclose(found.scores, eager.scores, atol=1e-4)
        np.testing.assert_array_equal(found.truncated, eager.truncated)


def plain_beam_search(model, first_id, limit, beam_size, alpha):
    """Beam search of Wu et al. for one row: nothing is kept but the best."""
    going, ended = {(): 0.0}, {}
    for _ in range(limit):
        totals = {
            (*ids, token_id): model.log_prob(first_id, (*ids, token_id))
            for ids in going
            for token_id in range(model.table.shape[1])
        }
        best = sorted(totals, key=totals.get, reverse=True)[: 2 * beam_size]
        ended |= {ids: totals[ids] for ids in best[:beam_size] if ids[-1] == END}
        going = {ids: totals[ids] for ids in best if ids[-1] != END}
        going = dict(list(going.items())[:beam_size])
        if len(ended) >= beam_size:
            break
    scores = {ids: score / penalty(len(ids), alpha) for ids, score in ended.items()}
    cut = {ids: score / penalty(limit, alpha) for ids, score in going.items()}
    ranked = sorted(scores, key=scores.get, reverse=True) + sorted(cut, key=cut.get, reverse=True)
    return ranked[:beam_size]


def test_without_greedy_search_s_hypothesis_it_is_the_search_of_wu_et_al():
    model, first_ids, limit = ToyModel(rows=997), range(60), 7
    model.table *= 3
    search = BeamSearch(3, 0.6, keep_greedy=False)
    found = search(model, source(*first_ids), tf.fill([60], limit))
    for first_id, ids in zip(first_ids, found.ids, strict=True):
        assert strip(ids) == plain_beam_search(model, first_id, limit, 3, 0.6)
    kept = BeamSearch(3, 0.6)(model, source(*first_ids), tf.fill([60], limit))
    assert (np.array(kept.ids) != np.array(found.ids)).any()
