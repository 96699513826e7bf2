"""The n-best list of a text of several sentences is made of those of its sentences."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from tf_transformer.tasks.combinations import best_combinations, is_repeated

TYPES = [
    tf.TensorSpec([None, None], tf.string),
    tf.TensorSpec([None, None], tf.float32),
    tf.TensorSpec([None, None], tf.bool),
    tf.RaggedTensorSpec([None, None], tf.string),
]


@pytest.fixture(scope="module")
def combine():
    function = tf.function(best_combinations, input_signature=TYPES)

    def call(texts, scores, truncated, lengths):
        pieces = tf.RaggedTensor.from_row_lengths(tf.fill([sum(lengths)], "x"), lengths)
        return function(*map(tf.constant, (texts, scores, truncated)), pieces).numpy()

    return call


def test_the_best_combinations_are_those_of_the_greatest_sums_and_repeat_nothing(combine):
    rng = np.random.default_rng(0)
    for beam, lengths in itertools.product((1, 2, 4), ([1], [3, 0, 1], [2, 4])):
        shape = [sum(lengths), beam]
        scores = -np.sort(5 * rng.random(shape, np.float32), axis=1)
        texts = rng.integers(0, 5, shape).astype(str)
        columns = combine(texts, scores, np.zeros(shape, bool), lengths)
        for rows in np.split(np.arange(sum(lengths)), np.cumsum(lengths)[:-1]):
            if not len(rows):
                continue
            first = [np.unique(texts[row], return_index=True)[1] for row in rows]
            sums = [sum(scores[rows, choice]) for choice in itertools.product(*first)]
            found = columns[rows][:, : min(beam, len(sums))]
            assert len({tuple(texts[rows, choice]) for choice in found.T}) == found.shape[1]
            best = sorted(sums, reverse=True)[: found.shape[1]]
            expected = np.take_along_axis(scores[rows], found, axis=1).sum(axis=0)
            np.testing.assert_allclose(expected, best, rtol=1e-5)


def test_of_one_piece_the_order_stays_but_what_repeats_comes_last(combine):
    texts, scores = [["a", "b", "a", "c"]], [[-1.0, -2.0, -3.0, -0.5]]
    assert combine(texts, scores, [[False, False, False, True]], [1]).tolist() == [[0, 1, 3, 2]]


def test_no_texts_and_texts_without_pieces_have_no_combinations(combine):
    for lengths in ([], [0, 0]):
        nothing = np.zeros([0, 4])
        columns = combine(nothing.astype(str), np.float32(nothing), nothing == 1, lengths)
        assert columns.shape == (0, 4)


def test_a_text_is_repeated_if_it_stands_further_left():
    found = is_repeated(tf.constant([["a", "b", "a", "a"], ["", "b", "B", ""]]))
    assert found.numpy().tolist() == [[False, False, True, True], [False, False, False, True]]
