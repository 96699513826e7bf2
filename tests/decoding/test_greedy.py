"""Greedy search takes the most probable token, and stops where it should."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from tests import reference
from tests.decoding.toy import Countdown, ToyModel, source, strip
from tests.small import SMALL
from tf_transformer.config import TransformerConfig
from tf_transformer.decoding import GreedySearch
from tf_transformer.models import Transformer
from tf_transformer.text import END, PAD, START

ROWS = [[5, 9, 22, 4, 7, 3], [8, 6, 3, 0, 0, 0], [11, 3, 0, 0, 0, 0], [19, 5, 3, 0, 0, 0]]
SOURCE = np.array(ROWS, "int32")
LIMITS = np.array([8, 8, 3, 7], "int32")


@functools.cache
def random_model(positions="sinusoidal"):
    config = TransformerConfig(
        source_vocab_size=23,
        target_vocab_size=23,
        **SMALL,
        positions=positions,
        tie="none",
        max_length=12,
    )
    return reference.randomize(Transformer(config))


def search_by_full_passes(model, source_ids, limits):
    """Greedy search that computes all anew for each token."""
    target = np.full((len(source_ids), 1), START)
    scores, ended = np.zeros(len(source_ids)), np.zeros(len(source_ids), bool)
    for step in range(max(limits)):
        log_probs = tf.nn.log_softmax(model((source_ids, target))[:, -1]).numpy()
        done = ended | (step >= limits)
        best = np.where(done, PAD, log_probs.argmax(axis=-1))
        scores += np.where(done, 0, log_probs[np.arange(len(best)), best])
        ended |= best == END
        target = np.append(target, best[:, None], axis=1)
    return target[:, 1:], scores, ~ended


@pytest.mark.parametrize("positions", ["sinusoidal", "learned", "rotary"])
def test_search_over_the_cache_equals_search_by_full_passes(positions):
    model = random_model(positions)
    ids, scores, truncated = search_by_full_passes(model, SOURCE, LIMITS)
    found = GreedySearch()(model, tf.constant(SOURCE), tf.constant(LIMITS))
    np.testing.assert_array_equal(found.ids, ids)
    np.testing.assert_allclose(found.scores, scores, atol=1e-4)
    np.testing.assert_array_equal(found.truncated, truncated)
    assert len(set(strip(ids))) == len(SOURCE)


def test_a_trained_model_too_finds_what_full_passes_find(trained):
    tokens = trained.tokenizers[0].tokenize(trained.pairs.sources[:8])
    source_ids = tf.concat([tokens, tf.fill([8, 1], END)], axis=1).to_tensor().numpy()
    limits = np.full(8, 18, "int32")
    ids, scores, truncated = search_by_full_passes(trained.model, source_ids, limits)
    found = GreedySearch()(trained.model, tf.constant(source_ids), tf.constant(limits))
    np.testing.assert_array_equal(found.ids, ids)
    np.testing.assert_allclose(found.scores, scores, atol=1e-4)
    assert not truncated.any()
    assert not np.array(found.truncated).any()


def test_each_row_has_its_own_limit_and_only_padding_after_its_end():
    found = GreedySearch()(Countdown(), source(1, 3, 5, 5, 5), tf.constant([9, 9, 9, 2, 5]))
    np.testing.assert_array_equal(
        found.ids[:, :5],
        [
            [END, 0, 0, 0, 0],
            [4, 4, END, 0, 0],
            [4, 4, 4, 4, END],
            [4, 4, 0, 0, 0],
            [4, 4, 4, 4, END],
        ],
    )
    assert not np.array(found.ids)[:, 5:].any()
    np.testing.assert_array_equal(found.truncated, [False, False, False, True, False])


def test_the_loop_ends_with_the_last_row():
    model = Countdown()
    GreedySearch()(model, source(1, 3, 5, 90), tf.constant([50, 50, 50, 4]))
    assert model.steps == 5


def test_a_limit_of_zero_gives_an_empty_row_that_is_not_truncated():
    model = Countdown()
    found = GreedySearch()(model, source(7, 7), tf.constant([0, 0]))
    assert model.steps == 0
    assert not np.array(found.ids).any()
    assert not np.array(found.scores).any()
    assert not np.array(found.truncated).any()


def test_no_rows_give_no_rows():
    found = GreedySearch()(ToyModel(), tf.zeros([0, 3], tf.int32), tf.zeros([0], tf.int32))
    assert found.ids.shape[0] == found.scores.shape[0] == found.truncated.shape[0] == 0


def test_scores_are_the_log_probabilities_of_what_was_chosen():
    model, first_ids = ToyModel(), range(20)
    found = GreedySearch()(model, source(*first_ids), tf.fill([20], 6))
    expected = [
        model.log_prob(first, ids) for first, ids in zip(first_ids, strip(found.ids), strict=True)
    ]
    np.testing.assert_allclose(found.scores, expected, atol=1e-5)


@pytest.mark.usefixtures("optimized_graphs")
def test_eager_graph_and_xla_find_the_same():
    model, limits = random_model(), tf.constant(LIMITS)
    eager = GreedySearch()(model, tf.constant(SOURCE), limits)
    for jit_compile in (False, True):
        search = tf.function(lambda s: GreedySearch()(model, s, limits), jit_compile=jit_compile)
        found = search(tf.constant(SOURCE))
        np.testing.assert_array_equal(found.ids, eager.ids)
        np.testing.assert_allclose(found.scores, eager.scores, atol=1e-4)
        np.testing.assert_array_equal(found.truncated, eager.truncated)
