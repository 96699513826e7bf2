"""Blocks cover a text, each token once a pass, and the stream can be entered anywhere."""

import itertools

import numpy as np
import pytest

from tf_transformer.data import BlockBatches, tokenize_documents
from tf_transformer.errors import UserError
from tf_transformer.text import END, Characters

STREAM = np.arange(4, 104, dtype="int32")  # each token is its place and 4


def take(dataset, count):
    return [tuple(ids.numpy() for ids in batch) for batch in dataset.take(count)]


def test_documents_become_one_stream_between_ends():
    tokenizer = Characters.train(["ab", "c"], vocab_size=9)
    stream = tokenize_documents(["ab", "c"], tokenizer)
    assert stream.tolist() == [END, 4, 5, END, 6, END]
    assert stream.dtype == np.int32


def test_targets_are_the_tokens_one_further_on():
    batches = BlockBatches(STREAM, block_length=7, batch_tokens=25)
    for ids, next_ids in take(batches.dataset(), 20):
        assert ids.shape == next_ids.shape == (3, 7)
        assert ids.dtype == np.int32
        np.testing.assert_array_equal(next_ids, ids + 1)
        np.testing.assert_array_equal(np.diff(ids, axis=1), 1)  # contiguous


def test_a_pass_reads_no_token_twice_and_nearly_all():
    batches = BlockBatches(STREAM, 7, 21)
    steps = batches.steps_per_epoch
    assert steps == 4
    seen = [
        np.concatenate([ids.ravel() for ids, _ in take(batches.dataset(p * steps), steps)])
        for p in range(5)
    ]
    for ids in seen:
        assert len(set(ids.tolist())) == len(ids) == steps * 21
    firsts = {ids.min() % 7 for ids in seen}
    assert len(firsts) > 1  # passes are cut at different places


def test_the_order_depends_on_the_seed_and_the_pass():
    first = take(BlockBatches(STREAM, 7, 21, seed=1).dataset(), 8)
    same = take(BlockBatches(STREAM, 7, 21, seed=1).dataset(), 8)
    other = take(BlockBatches(STREAM, 7, 21, seed=2).dataset(), 8)
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first[:4], first[4:])


@pytest.mark.parametrize("first_step", [0, 1, 3, 4, 6, 9])
def test_the_stream_can_be_entered_at_any_step(first_step):
    batches = BlockBatches(STREAM, 7, 21)
    whole = take(batches.dataset(), 12)
    np.testing.assert_array_equal(
        take(batches.dataset(first_step), 12 - first_step), whole[first_step:]
    )


def test_an_epoch_may_be_of_any_length():
    batches = BlockBatches(STREAM, 7, 21, steps_per_epoch=10)
    assert batches.steps_per_epoch == 10
    assert batches.target_tokens == 10 * 21
    assert "100 tokens; 10 batches an epoch (2.5 passes over the text)" in batches.report()
    by_pass = BlockBatches(STREAM, 7, 21)
    np.testing.assert_array_equal(take(batches.dataset(), 10), take(by_pass.dataset(), 10))


def test_the_report_counts_one_batch_pass_and_block():
    assert BlockBatches(STREAM, 40, 40).report() == (
        "100 tokens; 1 batch an epoch (1 pass over the text), each 1 block of 40"
    )


def test_validation_reads_the_text_from_its_beginning():
    batches = list(BlockBatches(STREAM, 7, 21).one_pass())
    ids = np.concatenate([np.ravel(ids) for ids, _ in batches])
    next_ids = np.concatenate([np.ravel(ids) for _, ids in batches])
    np.testing.assert_array_equal(ids, STREAM[:98])
    np.testing.assert_array_equal(next_ids, STREAM[1:99])


def test_every_start_leaves_room_for_as_many_batches():
    for length, tokens, block in itertools.product((50, 57, 64), (12, 16), (3, 4)):
        stream = np.arange(4, 4 + length, dtype="int32")
        batches = BlockBatches(stream, block, tokens)
        found = take(batches.dataset(), 6 * batches.steps_per_epoch)
        assert max(next_ids.max() for _, next_ids in found) <= stream[-1]


@pytest.mark.parametrize(
    ("length", "tokens", "says"),
    [
        (101, 200, "a text of 100 tokens is too short for a batch of 1 block of 101"),
        (7, 6, "a block of 7 tokens does not fit in a batch of 6"),
    ],
)
def test_what_does_not_fit_is_refused(length, tokens, says):
    with pytest.raises(UserError, match=says):
        BlockBatches(STREAM, length, tokens)
