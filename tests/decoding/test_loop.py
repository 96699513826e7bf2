"""Rows share seats: none waits for a long one, and each is decoded as if it were alone."""

import numpy as np
import pytest
import tensorflow as tf

from tests.decoding.test_greedy import random_model
from tests.decoding.toy import Countdown, ToyModel, source
from tf_transformer.decoding import BeamSearch, GreedySearch

LENGTHS = [40, *[2, 3, 4, 5] * 25]  # one long row, a hundred short ones


def test_a_long_row_does_not_keep_the_others():
    model = Countdown()
    found = GreedySearch()(model, source(*LENGTHS), tf.fill([len(LENGTHS)], 50))
    np.testing.assert_array_equal((np.array(found.ids) != 0).sum(axis=1), LENGTHS)
    in_batches_of_16 = 40 + 6 * 5
    assert model.steps < 0.8 * in_batches_of_16


@pytest.mark.parametrize("search", [GreedySearch(), BeamSearch()])
@pytest.mark.parametrize("jit_compile", [False, True])
def test_a_row_that_waited_for_a_seat_is_decoded_as_if_it_were_alone(search, jit_compile):
    limits = np.resize([3, 9, 1, 0, 6], 70).astype("int32")
    run = tf.function(
        lambda source_ids, limits: search(ToyModel(), source_ids, limits, room=9),
        jit_compile=jit_compile,
    )
    together = run(source(*range(70)), tf.constant(limits))
    for row in (0, 15, 16, 40, 69):
        alone = search(ToyModel(), source(row), tf.constant(limits[row : row + 1]), room=9)
        for ours, theirs in zip(together, alone, strict=True):
            np.testing.assert_allclose(ours[row], theirs[0], atol=1e-5)


@pytest.mark.parametrize("positions", ["sinusoidal", "learned", "rotary"])
def test_positions_are_the_row_s_own_whenever_it_sits_down(positions):
    rng = np.random.default_rng(0)
    source_ids = rng.integers(4, 23, (40, 6)).astype("int32")
    limits = np.resize([12, 3, 7], 40).astype("int32")
    model = random_model(positions)
    ids, limit = tf.TensorSpec([None, 6], tf.int32), tf.TensorSpec([None], tf.int32)
    search = tf.function(
        lambda ids, limits: GreedySearch()(model, ids, limits, room=12),
        input_signature=[ids, limit],
    )
    together = search(source_ids, limits)
    for row in (0, 17, 23, 39):
        alone = search(source_ids[row : row + 1], limits[row : row + 1])
        np.testing.assert_array_equal(together.ids[row], alone.ids[0])
        np.testing.assert_allclose(together.scores[row], alone.scores[0], atol=1e-4)
