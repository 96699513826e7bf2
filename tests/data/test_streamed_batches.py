"""Batches that are read from files: a shuffled epoch shows each pair once, and can be resumed."""

import collections
import itertools

import numpy as np
import pytest

import tf_transformer as tft
from tf_transformer.data import Share, StreamedBatches
from tf_transformer.data.blocks import Blocks, BlockWriter, id_type
from tf_transformer.data.ragged import Ragged

IDS = id_type(8000)


@pytest.fixture(scope="module")
def blocks(tmp_path_factory):
    """Blocks of 6,000 pairs in three shapes, each with a number of its own as its tokens."""
    directory = tmp_path_factory.mktemp("blocks")
    writer = BlockWriter(directory, "ids", IDS)
    rng = np.random.default_rng(0)
    for start in range(0, 6000, 500):
        shape = start // 500 % 3
        lengths = rng.integers(1, 5, 500) + 4 * shape
        numbers = np.arange(start, start + 500) + 4
        sources = Ragged.of(np.repeat(numbers, lengths), lengths)
        targets = Ragged.of(np.repeat(numbers, lengths + 2), lengths + 2)
        writer.add(shape, 0, sources, targets)
    files, table = writer.close()
    return Blocks(directory, files, np.sort(table, order="shape", kind="stable"), IDS)


def batches_of(blocks, first=0, count=None, **options):
    batches = StreamedBatches(blocks, batch_tokens=200, **options)
    stream = batches.dataset(first).as_numpy_iterator()
    return batches, [*itertools.islice(stream, count or batches.steps_per_epoch)]


def rows_of(batch):
    (sources, _), _ = batch
    return [row for row in sources[:, 0].tolist() if row]


def test_an_epoch_shows_each_pair_once(blocks):
    _, epoch = batches_of(blocks)
    assert sorted(itertools.chain(*map(rows_of, epoch))) == [*range(4, 6004)]


def test_sides_of_a_row_belong_together_and_are_padded(blocks):
    _, epoch = batches_of(blocks)
    for (sources, target_in), target_out in epoch:
        used = sources[:, 0] > 0
        assert (sources[used, 0] == target_in[used, 0]).all()
        assert ((target_in > 0).sum(1) == (target_out > 0).sum(1)).all()
        assert ((target_in > 0).sum(1)[used] == (sources > 0).sum(1)[used] + 1).all()
        assert sources.dtype == target_in.dtype == target_out.dtype == np.int32


def test_batches_have_the_shapes_that_were_announced(blocks):
    batches, epoch = batches_of(blocks)
    found = {(*sources.shape, target_in.shape[1]) for (sources, target_in), _ in epoch}
    assert found == set(batches.shapes)
    assert max(rows * max(lengths) for rows, *lengths in batches.shapes) <= 200
    positions = sum(sources.size + target_in.size for (sources, target_in), _ in epoch)
    tokens = sum((s > 0).sum() + (t > 0).sum() for (s, _), t in epoch)
    assert batches.padding == pytest.approx(1 - tokens / positions)
    assert batches.target_tokens == sum((targets > 0).sum() for _, targets in epoch)


@pytest.mark.parametrize("first", [1, 17, 400])
def test_training_can_begin_at_any_step(blocks, first):
    _, straight_on = batches_of(blocks, count=first + 30)
    _, resumed = batches_of(blocks, first, count=30)
    for one, other in zip(straight_on[first:], resumed, strict=True):
        assert rows_of(one) == rows_of(other)


def test_epochs_and_seeds_differ_in_their_order(blocks):
    batches, twice = batches_of(blocks, count=2 * batches_of(blocks)[0].steps_per_epoch)
    steps = batches.steps_per_epoch
    epochs = [[rows_of(batch) for batch in twice[i * steps : (i + 1) * steps]] for i in (0, 1)]
    assert epochs[0] != epochs[1]
    assert sorted(itertools.chain(*epochs[0])) == sorted(itertools.chain(*epochs[1]))
    _, other = batches_of(blocks, seed=5)
    assert [rows_of(batch) for batch in other] != epochs[0]


def test_a_batch_mixes_pairs_from_far_apart(blocks):
    _, epoch = batches_of(blocks)
    spread = [np.ptp(rows_of(batch)) for batch in epoch]
    assert np.median(spread) > 3000


def test_shares_make_up_the_batch(blocks):
    _, whole = batches_of(blocks, count=20)
    shares = [batches_of(blocks, count=20, share=Share(process, 2, 4))[1] for process in range(2)]
    for batch, *parts in zip(whole, *shares, strict=True):
        joined = np.concatenate([part[0][0] for part in parts])
        rows = len(batch[0][0])
        assert (joined[:rows] == batch[0][0]).all()
        assert not joined[rows:].any()
        assert len(joined) % 4 == 0
        assert len(parts[0][0][0]) == len(parts[1][0][0])


@pytest.mark.parametrize("weight", [0.3, 1.5, 3])
def test_weights_say_how_often_pairs_are_shown(blocks, weight):
    weights = np.array([weight])
    batches = StreamedBatches(blocks, 200, weights=weights)
    stream = batches.dataset().as_numpy_iterator()
    times = collections.Counter()
    for _ in range(10 * batches.steps_per_epoch):
        times.update(rows_of(next(stream)))
    mean = sum(times.values()) / 6000
    assert mean == pytest.approx(10 * weight, rel=0.05)
    assert set(times.values()) <= {int(10 * weight) + change for change in (-1, 0, 1)}


@pytest.mark.parametrize("weight", [0.01, 0.07])
def test_no_batch_is_empty_however_small_the_weight(blocks, weight):
    batches = StreamedBatches(blocks, 200, weights=np.array([weight]))
    stream = batches.dataset().as_numpy_iterator()
    shapes = set(batches.shapes)
    for _ in range(12 * batches.steps_per_epoch):
        (sources, target_in), _ = next(stream)
        assert sources[:, 0].any()
        assert (*sources.shape, target_in.shape[1]) in shapes


def test_a_sentence_that_fits_in_no_batch_is_refused(blocks):
    with pytest.raises(tft.UserError, match="raise batch_tokens"):
        StreamedBatches(blocks, batch_tokens=8)
