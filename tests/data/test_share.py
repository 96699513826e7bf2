"""The shares of a batch that several processes read."""

import numpy as np
import pytest
import tensorflow as tf

from tests.training.tiny_run import random_pairs
from tf_transformer.data import BucketedBatches, Share


@pytest.mark.parametrize(("processes", "devices"), [(1, 1), (1, 4), (2, 2), (3, 6)])
def test_shares_are_equal_and_make_the_batch_with_filler_at_its_end(processes, devices):
    for count in (1, 2, 5, 6, 13):
        rows = np.arange(count) + 100
        shares = [Share(p, processes, devices).of(tf.constant(rows), 0) for p in range(processes)]
        (size,) = {len(share) for share in shares}
        assert size % (devices // processes) == 0
        together = np.concatenate(shares)
        np.testing.assert_array_equal(together[:count], rows)
        assert not together[count:].any()
        assert len(together) - count < devices


def test_processes_read_together_what_one_reads_alone():
    pairs = random_pairs(40)

    def batches(share):
        return BucketedBatches(pairs, 24, seed=3, share=share)

    alone, *shared = [batches(Share(*share)) for share in [(0, 1, 1), (0, 2, 2), (1, 2, 2)]]
    assert {each.report() for each in shared} == {alone.report()}
    steps = 2 * alone.steps_per_epoch  # two epochs, and the validation below
    for streams in (
        [each.dataset(5).take(steps) for each in (alone, *shared)],
        [each.one_pass() for each in (alone, *shared)],
    ):
        streams = [map(tf.nest.flatten, stream.as_numpy_iterator()) for stream in streams]
        for whole, first, second in zip(*streams, strict=True):
            for ids, *halves in zip(whole, first, second, strict=True):
                together = np.concatenate(halves)
                np.testing.assert_array_equal(together[: len(ids)], ids)
                assert not together[len(ids) :].any()
