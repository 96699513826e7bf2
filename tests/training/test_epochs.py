"""Epochs of a part of a pass: together they are the passes, in one process or in several."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from tests.training.tiny_run import CONFIG, STEPS, random_pairs, run_training, state
from tf_transformer.data import BlockBatches, BucketedBatches, Share, StreamedBatches
from tf_transformer.data.blocks import Blocks, BlockWriter, id_type
from tf_transformer.errors import UserError
from tf_transformer.training import training_plan
from tf_transformer.training.epochs import Epochs

PART = 6  # steps of an epoch, which do not divide those of a pass
WHOLE, FIRST, SECOND = Share(0, 1, 2), Share(0, 2, 2), Share(1, 2, 2)


@pytest.fixture(scope="module")
def blocks(tmp_path_factory):
    """The blocks of a prepared corpus."""
    directory = tmp_path_factory.mktemp("blocks")
    writer = BlockWriter(directory, "ids", id_type(8000))
    for seed in range(4):
        pairs = random_pairs(40 + seed)
        writer.add(seed % 2, 0, pairs.sources, pairs.targets)
    files, table = writer.close()
    table = np.sort(table, order="shape", kind="stable")
    return Blocks(directory, files, table, id_type(8000))


@pytest.fixture(params=["in memory", "prepared", "text"])
def make_batches(request, blocks):
    """A function that makes batches of a kind, with a share of each batch if it is asked for."""
    if request.param == "text":
        stream = np.arange(460, dtype="int32")
        return lambda share=None: BlockBatches(stream, 5, 20, seed=3)
    if request.param == "prepared":
        return lambda share=WHOLE: StreamedBatches(blocks, 80, seed=3, share=share)
    return lambda share=WHOLE: BucketedBatches(random_pairs(60), 24, seed=3, share=share)


def arrays(dataset):
    return [tf.nest.flatten(batch) for batch in dataset.as_numpy_iterator()]


def epoch_by_epoch(batches, steps, first=0):
    """Return what `fit` trains on: a new stream for each epoch, or for what is left of one."""
    cut = Epochs.of(batches, CONFIG.replace(steps_per_epoch=PART))
    assert cut.steps_per_epoch == PART
    found = []
    while first < steps:
        end = min(steps, (first // PART + 1) * PART)
        found += arrays(cut.dataset(first).take(end - first))
        first = end
    return found


def assert_equal(found, expected):
    for ours, theirs in itertools.chain.from_iterable(
        zip(a, b, strict=True) for a, b in zip(found, expected, strict=True)
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_part_epochs_are_together_the_batches_of_the_passes(make_batches):
    batches = make_batches()
    steps = 2 * batches.steps_per_epoch + 3
    assert batches.steps_per_epoch > 2 * PART
    assert batches.steps_per_epoch % PART
    expected = arrays(batches.dataset().take(steps))
    assert_equal(epoch_by_epoch(batches, steps), expected)
    for first in (1, PART, batches.steps_per_epoch, steps - 1):  # after a resume
        assert_equal(epoch_by_epoch(make_batches(), steps, first), expected[first:])


def test_a_new_pass_has_a_new_order(make_batches):
    batches = make_batches()
    steps = batches.steps_per_epoch
    found = epoch_by_epoch(batches, 2 * steps)
    firsts = [[batch[0].tolist() for batch in each] for each in (found[:steps], found[steps:])]
    assert firsts[0] != firsts[1]


def test_processes_read_together_what_one_reads_alone(make_batches):
    if isinstance(make_batches(), BlockBatches):
        pytest.skip("a language model is trained in one process")
    steps = make_batches().steps_per_epoch + PART
    alone, first, second = (
        epoch_by_epoch(make_batches(share), steps) for share in (WHOLE, FIRST, SECOND)
    )
    for whole, *halves in zip(alone, first, second, strict=True):
        assert_equal([whole], [[np.concatenate(sides) for sides in zip(*halves, strict=True)]])


def test_tokens_of_an_epoch_are_its_share_of_the_pass(make_batches):
    batches = make_batches()
    cut = Epochs(batches, batches.steps_per_epoch // 2)
    share = cut.steps_per_epoch / batches.steps_per_epoch
    assert cut.target_tokens == round(share * batches.target_tokens)
    assert (cut.padding, cut.report()) == (batches.padding, batches.report())


def test_an_epoch_as_long_as_a_pass_is_the_pass(make_batches):
    batches = make_batches()
    config = CONFIG.replace(steps_per_epoch=batches.steps_per_epoch)
    assert Epochs.of(batches, config) is Epochs.of(batches, CONFIG) is batches


def test_two_lengths_of_an_epoch_are_refused():
    with pytest.raises(UserError, match="passes=2 and steps_per_epoch=5 both say how long"):
        CONFIG.replace(passes=2, steps_per_epoch=5)


@pytest.mark.slow
def test_training_in_part_epochs_ends_with_the_same_weights(
    uninterrupted, compiled, model, tmp_path, capsys
):
    config = CONFIG.replace(epochs=5, steps_per_epoch=PART)
    assert config.epochs * PART == CONFIG.epochs * STEPS
    _, checkpoints = run_training(tmp_path, config.replace(max_minutes=1e-9), model)
    assert checkpoints.step == 1
    values, _ = uninterrupted
    model, checkpoints = run_training(tmp_path, config, model)
    for ours, theirs in zip(state(model), values, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert [logs["step"] for logs in checkpoints.epochs] == [6, 12, 18, 24, 30]
    assert [logs["epoch"] for logs in checkpoints.epochs] == [1, 2, 3, 4, 5]


@pytest.mark.slow
def test_the_plan_says_how_long_a_pass_is(model):
    batches = BucketedBatches(random_pairs(40), CONFIG.batch_tokens)
    said = training_plan(model, CONFIG.replace(epochs=5, steps_per_epoch=PART), batches)
    assert f"up to 5 epochs of {PART} steps (a pass over the data is {STEPS} steps)" in said
