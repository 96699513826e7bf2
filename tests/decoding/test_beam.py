"""Beam search finds what is best among all that it could see."""

import numpy as np
import pytest
import tensorflow as tf

from tests.decoding.test_greedy import LIMITS, SOURCE, random_model
from tests.decoding.toy import Countdown, ToyModel, source, strip
from tf_transformer.decoding import beam_search, greedy_search, length_penalty
from tf_transformer.text import END, PAD


def trained_rows(trained):
    tokens = trained.tokenizers[0].tokenize(trained.pairs.sources)
    ends = tf.fill([len(trained.pairs), 1], END)
    return tf.concat([tokens, ends], axis=1).to_tensor(), tf.fill([len(trained.pairs)], 40)


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
    found = beam_search(model, source(*first_ids), tf.fill([2], limit), beam_size, alpha)
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
    greedy = greedy_search(ToyModel(), first_ids, limits)
    beam = beam_search(ToyModel(), first_ids, limits, beam_size=1, alpha=0.0)
    np.testing.assert_array_equal(beam.ids[:, 0], greedy.ids)
    np.testing.assert_allclose(beam.scores[:, 0], greedy.scores, atol=1e-5)
    np.testing.assert_array_equal(beam.truncated[:, 0], greedy.truncated)


def test_a_beam_of_one_is_greedy_search_with_a_trained_model(trained):
    source_ids, limits = trained_rows(trained)
    greedy = greedy_search(trained.model, source_ids, limits)
    beam = beam_search(trained.model, source_ids, limits, beam_size=1, alpha=0.0)
    np.testing.assert_array_equal(beam.ids[:, 0], greedy.ids)
    np.testing.assert_allclose(beam.scores[:, 0], greedy.scores, atol=1e-4)


@pytest.mark.parametrize("alpha", [0.0, 0.6])
def test_the_best_of_a_beam_is_never_below_greedy(trained, alpha):
    source_ids, limits = trained_rows(trained)
    greedy = greedy_search(trained.model, source_ids, limits)
    beam = beam_search(trained.model, source_ids, limits, 4, alpha)
    lengths = np.array([len(ids) for ids in strip(greedy.ids)])
    greedy_scores = np.array(greedy.scores) / penalty(lengths, alpha)
    assert (np.array(beam.scores)[:, 0] >= greedy_scores - 1e-5).all()


@pytest.mark.parametrize("alpha", [0.0, 0.6])
def test_greedy_search_s_hypothesis_never_falls_off_the_beam(alpha):
    """Of these 300 translations plain beam search misses some that are better than its own."""
    model, first_ids, limits = ToyModel(rows=997), source(*range(300)), tf.fill([300], 15)
    model.table *= 3
    greedy = greedy_search(model, first_ids, limits)
    beam = beam_search(model, first_ids, limits, 3, alpha)
    lengths = np.array([len(ids) for ids in strip(greedy.ids)])
    greedy_scores = np.array(greedy.scores) / penalty(lengths, alpha)
    ended = ~np.array(greedy.truncated)
    assert ended.sum() > 200
    assert (np.array(beam.scores)[:, 0] >= greedy_scores - 1e-5)[ended].all()


def test_hypotheses_are_distinct_and_the_best_come_first(trained):
    source_ids, limits = trained_rows(trained)
    found = beam_search(trained.model, source_ids, limits, beam_size=6)
    for ids, scores, truncated in zip(*map(np.array, found[:3]), strict=True):
        assert len(set(strip(ids))) == 6
        assert (np.diff(truncated.astype(int)) >= 0).all()
        for kind in (False, True):
            assert (np.diff(scores[truncated == kind]) <= 0).all()


@pytest.mark.parametrize("alpha", [0.0, 0.6])
def test_scores_are_log_probabilities_over_the_length_penalty(alpha):
    model, first_ids = ToyModel(vocab_size=9), range(10)
    found = beam_search(model, source(*first_ids), tf.fill([10], 6), 3, alpha)
    for first_id, ids, scores in zip(first_ids, found.ids, found.scores, strict=True):
        expected = [model.log_prob(first_id, row) / penalty(len(row), alpha) for row in strip(ids)]
        np.testing.assert_allclose(scores, expected, atol=1e-5)


def test_a_stronger_length_penalty_favours_longer_hypotheses():
    first_ids, limits = source(*range(40)), tf.fill([40], 12)

    def mean_length(alpha):
        best = strip(beam_search(ToyModel(), first_ids, limits, 8, alpha).ids[:, 0])
        return np.mean([len(ids) for ids in best])

    assert mean_length(0.0) < mean_length(1.0) < mean_length(3.0)


def test_only_padding_follows_an_end():
    found = beam_search(ToyModel(), source(*range(40)), tf.fill([40], 9), 4)
    ids = np.array(found.ids)
    after_end = np.cumsum(ids == END, axis=-1) - (ids == END) > 0
    assert after_end.any()
    assert (ids[after_end] == PAD).all()
    np.testing.assert_array_equal(found.truncated, ~(ids == END).any(axis=-1))


def test_a_row_is_searched_as_if_it_were_alone():
    first_ids, limits = range(12), [1, 2, 3, 4, 5, 6, 7, 8, 9, 2, 5, 9]
    together = beam_search(ToyModel(), source(*first_ids), tf.constant(limits), 4)
    for i, limit in enumerate(limits):
        alone = beam_search(ToyModel(), source(first_ids[i]), tf.constant([limit]), 4)
        np.testing.assert_array_equal(together.ids[i, :, :limit], alone.ids[0])
        np.testing.assert_allclose(together.scores[i], alone.scores[0], atol=1e-5)
        np.testing.assert_array_equal(together.truncated[i], alone.truncated[0])
        assert not np.array(together.ids)[i, :, limit:].any()


def test_the_loop_ends_when_enough_hypotheses_have_ended():
    always_likely_to_end = ToyModel(table=[[0, 0, 0, 2, 0, 0]])
    found = beam_search(always_likely_to_end, source(0, 0), tf.fill([2], 50), 4)
    assert always_likely_to_end.steps < 6
    assert not np.array(found.truncated).any()

    model = Countdown()
    beam_search(model, source(1, 3, 5, 90), tf.constant([50, 50, 50, 4]), beam_size=1)
    assert model.steps == 5


def test_a_limit_of_zero_gives_empty_hypotheses_that_are_not_truncated():
    found = beam_search(ToyModel(), source(7, 7), tf.constant([0, 3]), 4)
    assert not np.array(found.ids)[0].any()
    assert not np.array(found.scores)[0].any()
    assert not np.array(found.truncated)[0].any()
    assert np.array(found.ids)[1].any()


def test_no_rows_give_no_rows():
    found = beam_search(ToyModel(), tf.zeros([0, 3], tf.int32), tf.zeros([0], tf.int32), 4)
    assert found.scores.shape == found.truncated.shape == (0, 4)
    assert found.ids.shape[:2] == (0, 4)


def test_eager_graph_and_xla_find_the_same():
    model, limits = random_model(), tf.constant(LIMITS)
    eager = beam_search(model, tf.constant(SOURCE), limits, 3)
    for jit_compile in (False, True):
        search = tf.function(lambda s: beam_search(model, s, limits, 3), jit_compile=jit_compile)
        found = search(tf.constant(SOURCE))
        np.testing.assert_array_equal(found.ids, eager.ids)
        np.testing.assert_allclose(found.scores, eager.scores, atol=1e-4)
        np.testing.assert_array_equal(found.truncated, eager.truncated)
