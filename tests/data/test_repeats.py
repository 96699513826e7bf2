"""Weights: each pair is shown as often as its weight says, in each epoch and over all of them."""

import collections

import numpy as np
import pytest

from tests.data.test_bucketed_batches import (
    random_pairs,
    same,
    take,
    texts_of,
    texts_of_pairs,
)
from tf_transformer.data import BucketedBatches
from tf_transformer.data.repeats import most_repeats, repeats


@pytest.mark.parametrize("weight", [3, 1, 0.5, 0.1, 1 / 3, 2.3, 0.001])
def test_pairs_are_shown_as_often_as_asked(weight):
    size, epochs = 3_000, 7
    counts = np.stack([repeats(np.full(size, weight), epoch) for epoch in range(epochs)])
    assert np.abs(counts.sum(axis=1) - weight * size).max() < 1
    assert np.abs(counts.sum(axis=0) - weight * epochs).max() < 1
    assert {*counts.ravel()} <= {np.floor(weight), np.ceil(weight)}


def test_another_half_is_shown_in_each_epoch():
    first, second, third = (repeats(np.full(100, 0.5), epoch) for epoch in range(3))
    assert first.sum() == second.sum() == 50
    assert (first + second == 1).all()
    assert (first == third).all()


@pytest.mark.parametrize("weight", [0.29, 0.7, 1 / 3, 1.0001, 0.9999])
def test_neighbours_never_take_more_rows_than_there_are(weight):
    for size in (1, 3, 100, 10_000):
        weights = np.full(size, weight)
        most = max(repeats(np.tile(weights, 3), epoch)[:size].sum() for epoch in range(40))
        assert most <= most_repeats(weights)


@pytest.fixture(scope="module")
def weighted():
    """Pairs whose ids all differ, a third of them of each weight, and their batches."""
    pairs = random_pairs(1_500)
    weights = np.repeat([1.0, 3.0, 0.5], 500)
    return pairs, weights, BucketedBatches(pairs, batch_tokens=512, seed=7, weights=weights)


def test_batches_of_an_epoch_hold_each_pair_as_often_as_asked(weighted):
    pairs, weights, batches = weighted
    of_source = {int(pairs.sources[row][0]): row for row in range(len(pairs))}
    steps, seen = batches.steps_per_epoch, []
    stream = take(batches.dataset(), 2 * steps)
    for epoch in range(2):
        texts = texts_of(stream[epoch * steps : (epoch + 1) * steps])
        seen.append(collections.Counter(of_source[source[0]] for source, _ in texts))
    both = np.array([seen[0][row] + seen[1][row] for row in range(len(pairs))])
    assert (both == 2 * weights).all()  # of a weight of 0.5, one half each
    assert sum(seen[0][row] for row in range(1_000, 1_500)) == 250
    assert {seen[0][row] for row in range(500, 1_000)} == {3}


def test_weighted_batches_depend_on_seed_and_step_alone(weighted):
    pairs, weights, batches = weighted
    steps = batches.steps_per_epoch
    again = BucketedBatches(pairs, batch_tokens=512, seed=7, weights=weights)
    stream = take(batches.dataset(), steps + 9)
    assert same(stream, take(again.dataset(), steps + 9))
    assert same(stream[steps + 4 :], take(again.dataset(steps + 4), 5))
    other = BucketedBatches(pairs, batch_tokens=512, seed=8, weights=weights)
    assert not same(stream[:9], take(other.dataset(), 9))


def test_weighted_batches_keep_to_their_shapes_and_budget(weighted):
    _, _, batches = weighted
    stream = take(batches.dataset(), batches.steps_per_epoch)
    assert all(each.shape[0] * each.shape[1] <= 512 for batch in stream for each in batch)
    assert batches.padding < 0.25
    shown = sum(int((target > 0).sum()) for _, _, target in stream)
    assert abs(shown - batches.target_tokens) < 0.01 * batches.target_tokens


def test_a_weight_of_one_changes_nothing():
    pairs = random_pairs(200)
    plain = BucketedBatches(pairs, batch_tokens=512, seed=3)
    weighted = BucketedBatches(pairs, batch_tokens=512, seed=3, weights=np.ones(200))
    assert same(take(plain.dataset(), 30), take(weighted.dataset(), 30))
    assert plain.report() == weighted.report()


def test_one_pass_has_each_pair_once_whatever_its_weight(weighted):
    pairs, _, batches = weighted
    assert texts_of(take(batches.one_pass(), 1_000)) == texts_of_pairs(pairs)
