"""Rows go in batches of like length and come back in order."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from tf_transformer.tasks.bucketing import in_batches, round_up

SPEC = {"row": tf.TensorSpec([None], tf.int32), "pair": tf.TensorSpec([None, 2], tf.int32)}


@pytest.mark.parametrize("rows", [0, 1, 2, 8, 9, 64, 65, 300])
@pytest.mark.parametrize("graph", [False, True])
def test_each_row_gets_its_own_answer(rows, graph):
    batches = []

    def answer(numbers):
        tf.numpy_function(batches.append, [numbers], [])
        return {"row": numbers, "pair": tf.stack([numbers, -numbers], axis=1)}

    lengths = np.random.default_rng(0).integers(0, 100, rows)

    def run():
        return in_batches(answer, tf.constant(lengths), SPEC)

    found = tf.function(run)() if graph else run()
    np.testing.assert_array_equal(found["row"], np.arange(rows))
    np.testing.assert_array_equal(found["pair"][:, 1], -np.arange(rows))
    assert {len(batch) for batch in batches} <= {1, 8, 32, 128}
    seen = sorted(number for batch in batches for number in batch if number < rows)
    assert seen == list(range(rows))
    spans = sorted((min(lengths[b[b < rows]]), max(lengths[b[b < rows]])) for b in batches if rows)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))


@pytest.mark.parametrize(("number", "expected"), [(0, 4), (4, 4), (5, 9), (9, 9), (10, 9)])
def test_a_number_is_rounded_up_to_the_next_choice_or_the_last(number, expected):
    assert int(round_up(tf.constant(number), (4, 9))) == expected
