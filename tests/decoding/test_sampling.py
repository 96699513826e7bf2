"""Samples follow the distribution that was asked for."""

import numpy as np
import pytest
import tensorflow as tf

from tests.decoding.toy import ToyModel, source, strip
from tf_transformer.decoding import GreedySearch, Sampling
from tf_transformer.decoding.sampling import draws_for, keep_top
from tf_transformer.text import END

SHARES = np.array([0.15, 0.5, 0.05, 0.3])
TIES = np.array([0.2, 0.4, 0.2, 0.2])


def kept(shares, top_k=0, top_p=1.0):
    logits = np.log(shares).astype("float32") + 3
    result = np.array(keep_top(logits[None], top_k, top_p))[0]
    stay = result != -np.inf
    np.testing.assert_array_equal(result[stay], logits[stay])
    return set(np.flatnonzero(stay).tolist())


@pytest.mark.parametrize(
    ("shares", "options", "expected"),
    [
        (SHARES, {}, {0, 1, 2, 3}),
        (SHARES, {"top_k": 1}, {1}),
        (SHARES, {"top_k": 2}, {1, 3}),
        (SHARES, {"top_k": 3}, {0, 1, 3}),
        (SHARES, {"top_k": 4}, {0, 1, 2, 3}),
        (SHARES, {"top_k": 99}, {0, 1, 2, 3}),
        (SHARES, {"top_p": 0.0}, {1}),
        (SHARES, {"top_p": 1e-9}, {1}),
        (SHARES, {"top_p": 0.49}, {1}),
        (SHARES, {"top_p": 0.51}, {1, 3}),
        (SHARES, {"top_p": 0.79}, {1, 3}),
        (SHARES, {"top_p": 0.81}, {0, 1, 3}),
        (SHARES, {"top_p": 0.96}, {0, 1, 2, 3}),
        (SHARES, {"top_k": 2, "top_p": 0.99}, {1, 3}),
        (SHARES, {"top_k": 2, "top_p": 0.61}, {1}),  # of what is left, token 1 holds 0.625
        (SHARES, {"top_k": 3, "top_p": 0.1}, {1}),
        (TIES, {"top_k": 1}, {1}),
        (TIES, {"top_k": 2}, {0, 1, 2, 3}),
        (TIES, {"top_p": 0.3}, {1}),
        (TIES, {"top_p": 0.5}, {0, 1, 2, 3}),
    ],
)
def test_the_right_tokens_are_kept(shares, options, expected):
    assert kept(shares, **options) == expected


def test_the_number_kept_is_exact_for_any_distribution():
    logits = tf.constant(np.random.default_rng(0).normal(0, 3, (500, 40)), tf.float32)
    for top_k in (1, 3, 39):
        assert (np.isfinite(keep_top(logits, top_k, 1.0)).sum(axis=1) == top_k).all()


def test_a_share_of_one_keeps_all_however_improbable():
    logits = tf.constant([[60.0, 0.0, -60.0]])
    np.testing.assert_array_equal(keep_top(logits, 0, 1.0), logits)


def draw(model, source_ids, limits, seed, *args, **options):
    return Sampling(*args, **options)(
        model, source_ids, limits, draws=draws_for(seed, len(limits), 6)
    )


def frequencies(model, count=20_000, **options):
    search = tf.function(
        lambda: draw(model, source(*[1] * count), tf.fill([count], 1), 3, **options)
    )
    found = search()
    return np.bincount(np.array(found.ids)[:, 0], minlength=model.table.shape[1]) / count


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [0.1, 0.2, 0.3, 0.4, 0.0]),
        ({"temperature": 0.5}, np.array([1, 4, 9, 16, 0]) / 30),
        ({"top_k": 2}, [0, 0, 3 / 7, 4 / 7, 0]),
        ({"top_p": 0.8}, [0, 2 / 9, 3 / 9, 4 / 9, 0]),
    ],
)
def test_draws_follow_the_distribution(options, expected):
    model = ToyModel(table=np.log([[0.1, 0.2, 0.3, 0.4, 1e-30]]))
    found = frequencies(model, **options)
    assert not found[np.array(expected) == 0].any()
    np.testing.assert_allclose(found, expected, atol=0.015)  # 4 standard deviations


FIRST_IDS, LIMITS = source(*range(50)), tf.fill([50], 6)


def test_the_seed_decides():
    first, same, other = (draw(ToyModel(), FIRST_IDS, LIMITS, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.ids, same.ids)
    assert strip(first.ids) != strip(other.ids)


def test_a_row_s_draws_do_not_depend_on_how_many_rows_there_are():
    many = draw(ToyModel(), FIRST_IDS, LIMITS, seed=3)
    few = draw(ToyModel(), FIRST_IDS[:7], LIMITS[:7], seed=3)
    np.testing.assert_array_equal(few.ids, many.ids[:7])


def test_rows_of_equal_text_get_draws_of_their_own():
    found = draw(ToyModel(), source(*[7] * 50), LIMITS, seed=0)
    assert len(set(strip(found.ids))) > 10


@pytest.mark.parametrize(
    "options", [{"temperature": 0.0}, {"temperature": 1e-4}, {"top_k": 1}, {"top_p": 0.0}]
)
def test_the_narrowest_choice_is_greedy_search(options):
    greedy = GreedySearch()(ToyModel(), FIRST_IDS, LIMITS)
    found = draw(ToyModel(), FIRST_IDS, LIMITS, seed=5, **options)
    for ours, theirs in zip(found, greedy, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_scores_are_log_probabilities_under_the_model_itself():
    model = ToyModel()
    found = draw(model, FIRST_IDS, LIMITS, seed=1, temperature=2.0, top_k=4)
    expected = [model.log_prob(i, ids) for i, ids in enumerate(strip(found.ids))]
    np.testing.assert_allclose(found.scores, expected, atol=1e-5)
    ends = [END in ids for ids in strip(found.ids)]
    assert 0 < sum(ends) < 50
    np.testing.assert_array_equal(found.truncated, np.logical_not(ends))


def test_options_may_be_tensors_in_a_graph():
    search = tf.function(lambda *options: draw(ToyModel(), FIRST_IDS, LIMITS, *options))
    options = (4, 0.7, 3, 0.9)
    eager = draw(ToyModel(), FIRST_IDS, LIMITS, *options)
    np.testing.assert_array_equal(search(*map(tf.constant, options)).ids, eager.ids)
