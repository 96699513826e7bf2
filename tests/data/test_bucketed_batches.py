"""Batches: complete, repeatable, within the budget, and with little padding."""

import itertools
import os
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from tf_transformer.data import BucketedBatches, TokenizedPairs, load_corpus, tokenize_pairs
from tf_transformer.data.ragged import Ragged
from tf_transformer.errors import UserError
from tf_transformer.text.sentencepiece import SentencePiece
from tf_transformer.text.tokenizer import END, PAD, START

REPOSITORY = Path(__file__).parents[2]
TED_DATA_DIR = os.environ.get(
    "TED_DATA_DIR", REPOSITORY.parent / "shared" / "data" / "tensorflow_datasets"
)


def ragged(rows):
    return Ragged(
        np.concatenate([np.asarray(row, np.int32) for row in rows]),
        np.append(0, np.cumsum([len(row) for row in rows])).astype(np.int32),
    )


def random_pairs(count, seed=0, longest=127):
    """Pairs whose lengths are like those of TED talks, and whose every id is different."""
    rng = np.random.default_rng(seed)
    source_lengths = np.clip(rng.lognormal(2.85, 0.7, count), 1, longest).astype(int)
    target_lengths = np.clip(source_lengths * rng.lognormal(0, 0.2, count), 1, longest).astype(int)
    ids = itertools.count(END + 1)
    return TokenizedPairs(
        ragged([[*itertools.islice(ids, length), END] for length in source_lengths]),
        ragged([list(itertools.islice(ids, length)) for length in target_lengths]),
    )


def take(dataset, count):
    return [
        tuple(tensor.numpy() for tensor in tf.nest.flatten(batch)) for batch in dataset.take(count)
    ]


def same(batches, others):
    return len(batches) == len(others) and all(
        np.array_equal(tensor, other)
        for batch, other_batch in zip(batches, others, strict=True)
        for tensor, other in zip(batch, other_batch, strict=True)
    )


def texts_of(batches):
    """The pairs of tokens in batches, without special ids, sorted."""
    return sorted(
        (tuple(source[source > END]), tuple(target[target > END]))
        for sources, _, targets in batches
        for source, target in zip(sources, targets, strict=True)
        if source.any()
    )


def texts_of_pairs(pairs):
    return sorted(
        (tuple(pairs.sources[row][:-1]), tuple(pairs.targets[row])) for row in range(len(pairs))
    )


NOTHING = np.zeros(0, np.int32), np.zeros(1, np.int32)
SIZES = [1, 3, 32, 3_000]


@pytest.mark.parametrize("size", SIZES)
def test_each_pair_occurs_once_in_every_epoch(size):
    pairs = random_pairs(size)
    batches = BucketedBatches(pairs, batch_tokens=512)
    steps = batches.steps_per_epoch
    stream = take(batches.dataset(), 3 * steps)
    for epoch in range(3):
        assert texts_of(stream[epoch * steps : (epoch + 1) * steps]) == texts_of_pairs(pairs)


@pytest.mark.parametrize("size", SIZES)
def test_each_pair_occurs_once_in_one_pass(size):
    pairs = random_pairs(size)
    batches = BucketedBatches(pairs, batch_tokens=512)
    one_pass = list(take(batches.one_pass(), -1))
    assert len(one_pass) == batches.steps_per_epoch == batches.one_pass().cardinality()
    assert texts_of(one_pass) == texts_of_pairs(pairs)
    assert same(one_pass, take(batches.one_pass(), -1))


@pytest.mark.parametrize("size", SIZES)
def test_batches_keep_to_the_budget_and_the_shapes(size):
    batches = BucketedBatches(random_pairs(size), batch_tokens=512)
    seen = set()
    for sources, targets_in, targets_out in take(batches.dataset(), batches.steps_per_epoch):
        rows, source_length = sources.shape
        assert targets_in.shape == targets_out.shape
        assert {sources.dtype, targets_in.dtype, targets_out.dtype} == {np.dtype(np.int32)}
        assert rows * max(source_length, targets_in.shape[1]) <= 512
        seen.add((rows, source_length, targets_in.shape[1]))
    assert seen == set(batches.shapes)
    assert len(seen) <= 16


def test_targets_are_shifted_by_one():
    batches = BucketedBatches(random_pairs(300), batch_tokens=512)
    for sources, targets_in, targets_out in take(batches.one_pass(), -1):
        for source, target_in, target_out in zip(sources, targets_in, targets_out, strict=True):
            source, target_in, target_out = (
                np.trim_zeros(row, "b") for row in (source, target_in, target_out)
            )
            if not len(source):  # a filler row
                assert not len(target_in)
                assert not len(target_out)
                continue
            assert source[-1] == END
            assert target_in[0] == START
            assert target_out[-1] == END
            assert np.array_equal(target_in[1:], target_out[:-1])
            assert min(source[:-1].min(), target_in[1:].min()) > END


def test_a_batch_has_at_most_one_filler_row():
    batches = BucketedBatches(random_pairs(1_000), batch_tokens=512)
    fillers = [np.sum(~sources.any(axis=1)) for sources, _, _ in take(batches.one_pass(), -1)]
    assert max(fillers) == 1


def test_the_same_seed_gives_the_same_batches():
    first, second = (BucketedBatches(random_pairs(500), 512, seed=7) for _ in range(2))
    steps = 2 * first.steps_per_epoch
    assert same(take(first.dataset(), steps), take(second.dataset(), steps))


def test_other_seeds_and_epochs_give_another_order_of_other_batches():
    pairs = random_pairs(500)
    batches = BucketedBatches(pairs, 512, seed=1)
    steps = batches.steps_per_epoch
    stream = take(batches.dataset(), 2 * steps)
    other = take(BucketedBatches(pairs, 512, seed=2).dataset(), steps)
    for first, second in ((stream[:steps], stream[steps:]), (stream[:steps], other)):
        assert not same(first, second)
        members = [{frozenset(batch[0][:, 0]) for batch in run} for run in (first, second)]
        assert members[0] != members[1]
    assert [batch[0].shape for batch in stream[:steps]] != [
        batch[0].shape for batch in stream[steps:]
    ]


def test_long_and_short_batches_are_mixed():
    batches = BucketedBatches(random_pairs(3_000), 512)
    lengths = np.array(
        [targets.shape[1] for _, _, targets in take(batches.dataset(), batches.steps_per_epoch)]
    )
    half = len(lengths) // 2
    assert abs(lengths[:half].mean() - lengths[half:].mean()) < 0.2 * lengths.mean()


def test_training_resumes_at_any_step_with_the_same_batches():
    batches = BucketedBatches(random_pairs(200), 512, seed=3)
    steps = batches.steps_per_epoch
    stream = take(batches.dataset(), 3 * steps)
    for first_step in (0, 1, steps - 1, steps, steps + 1, 2 * steps + steps // 2):
        rest = take(batches.dataset(first_step), 3 * steps - first_step)
        assert same(rest, stream[first_step:])


def test_starting_late_is_as_quick_as_starting_early():
    batches = BucketedBatches(random_pairs(200), 512)
    plans = []
    make_plan = batches._plan
    batches._plan = lambda epoch: plans.append(int(epoch)) or make_plan(epoch)
    take(batches.dataset(first_step=10**9 * batches.steps_per_epoch + 2), 1)
    assert set(plans) <= {10**9, 10**9 + 1}  # the next may be prefetched


def test_the_stream_says_that_it_is_endless():
    dataset = BucketedBatches(random_pairs(10), 512).dataset()
    assert dataset.cardinality() == tf.data.INFINITE_CARDINALITY


@pytest.mark.parametrize("batch_tokens", [2_048, 4_096])
def test_less_than_15_percent_is_padding(batch_tokens):
    batches = BucketedBatches(random_pairs(20_000), batch_tokens)
    assert batches.padding <= 0.15
    assert len(batches.shapes) <= 16
    assert batches.target_tokens / batches.steps_per_epoch >= 0.75 * batch_tokens


def test_padding_is_the_share_of_pad_in_an_epoch():
    batches = BucketedBatches(random_pairs(2_000), 1_024)
    one_pass = take(batches.one_pass(), -1)
    pads = sum(np.sum(source == PAD) + np.sum(target == PAD) for source, _, target in one_pass)
    positions = sum(source.size + target.size for source, _, target in one_pass)
    assert batches.padding == pytest.approx(pads / positions)
    assert batches.target_tokens == sum(np.sum(target != PAD) for _, _, target in one_pass)


def test_more_shapes_leave_less_padding():
    pairs = random_pairs(5_000)
    padding = [BucketedBatches(pairs, 1_024, max_shapes=most).padding for most in (1, 4, 16)]
    assert padding[0] > padding[1] > padding[2]


def test_a_small_corpus_has_few_shapes():
    assert len(BucketedBatches(random_pairs(32), 2_048).shapes) == 1


def test_a_batch_of_a_small_corpus_has_no_more_rows_than_pairs():
    assert BucketedBatches(random_pairs(3, longest=5), 2_048).shapes[0][0] == 3


def test_one_long_sentence_fits_alone():
    batches = BucketedBatches(random_pairs(1, longest=1), batch_tokens=2)
    assert batches.shapes == [(1, 2, 2)]


def test_a_sentence_longer_than_a_batch_is_refused():
    pairs = TokenizedPairs(ragged([[7, END]]), ragged([[7] * 20]))
    with pytest.raises(UserError, match="21 tokens does not fit in a batch of 20"):
        BucketedBatches(pairs, batch_tokens=20)


def test_without_pairs_there_are_no_batches():
    nothing = TokenizedPairs(Ragged(*NOTHING), Ragged(*NOTHING), {"empty source": 3})
    with pytest.raises(UserError, match="0 of 3 pairs kept; left out: 3 empty source"):
        BucketedBatches(nothing, batch_tokens=20)


def test_the_report_gives_the_figures():
    batches = BucketedBatches(random_pairs(500), 512)
    assert batches.report() == (
        f"{batches.steps_per_epoch} batches an epoch, "
        f"{batches.target_tokens / batches.steps_per_epoch:.0f} target tokens each, "
        f"{len(batches.shapes)} shapes, {100 * batches.padding:.1f}% padding"
    )


def test_the_report_counts_one_batch_token_and_shape():
    pairs = TokenizedPairs(ragged([[END]]), ragged([[]]))
    assert BucketedBatches(pairs, 8).report() == (
        "1 batch an epoch, 1 target token each, 1 shape, 0.0% padding"
    )


@pytest.mark.long
@pytest.mark.skipif(not os.path.isdir(TED_DATA_DIR), reason="no TED data here")
def test_less_than_15_percent_of_ted_is_padding():
    pairs = load_corpus("ted_hrlr_translate/pt_to_en", str(TED_DATA_DIR)).pairs("train")
    sample = slice(0, None, 40)
    tokenizer = SentencePiece.train(pairs.sources[sample] + pairs.targets[sample], 4_000)
    tokens = tokenize_pairs(pairs, tokenizer, tokenizer)
    assert len(tokens) + sum(tokens.left_out.values()) == 51_785
    for batch_tokens in (2_048, 4_096):
        batches = BucketedBatches(tokens, batch_tokens)
        assert batches.padding <= 0.15
        assert len(batches.shapes) <= 16
