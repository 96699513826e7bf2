"""Training text is split anew in each epoch, and yet the run can be repeated."""

import itertools

import numpy as np
import pytest

from tf_transformer.data import BucketedBatches, Pairs, tokenize_pairs
from tf_transformer.errors import UserError
from tf_transformer.text import SentencePiece, WordPiece
from tf_transformer.text.tokenizer import END, PAD

WORDS = [
    ("casa", "house"), ("gato", "cat"), ("livro", "book"), ("porta", "door"), ("mesa", "table"),
    ("irmão", "brother"), ("escola", "school"), ("amanhã", "tomorrow"), ("janela", "window"),
]  # fmt: skip


@pytest.fixture(scope="module")
def pairs():
    rng = np.random.default_rng(0)
    rows = [rng.integers(len(WORDS), size=rng.integers(1, 12)) for _ in range(400)]
    return Pairs(*([" ".join(WORDS[i][side] for i in row) for row in rows] for side in (0, 1)))


@pytest.fixture(scope="module")
def tokenizer(pairs):
    return SentencePiece.train(pairs.sources + pairs.targets, 330)


@pytest.fixture(scope="module")
def best(pairs, tokenizer):
    return tokenize_pairs(pairs, tokenizer, tokenizer)


@pytest.fixture
def sampled(pairs, tokenizer):
    return sample(pairs, tokenizer)


def sample(pairs, tokenizer, seed=1, **options):
    return tokenize_pairs(pairs, tokenizer, tokenizer, sampling=0.2, seed=seed, **options)


def texts(tokenizer, rows):
    """Return the texts of all rows of ids."""
    rows = [rows[row] for row in range(len(rows))]
    length = max(map(len, rows)) + 1
    ids = np.array([np.pad(row, (0, length - len(row))) for row in rows])
    return [text.decode() for text in tokenizer.detokenize(ids).numpy()]


def same(a, b):
    return np.array_equal(a.sources.values, b.sources.values) and np.array_equal(
        a.targets.values, b.targets.values
    )


def take(dataset, count):
    return [(*inputs, targets) for inputs, targets in dataset.take(count).as_numpy_iterator()]


def test_each_epoch_has_another_sample_of_the_same_text(sampled, best, tokenizer, pairs):
    first, second = sampled.of_epoch(0), sampled.of_epoch(1)
    assert not same(first, second)
    assert not same(first, best)
    for epoch in (first, second):
        assert texts(tokenizer, epoch.sources) == pairs.sources
        assert texts(tokenizer, epoch.targets) == pairs.targets
        assert (epoch.sources.values[epoch.sources.row_splits[1:] - 1] == END).all()
        assert END not in epoch.targets.values
    assert len(sampled) == len(best)
    assert sampled.report() == best.report()


def test_samples_depend_on_seed_and_epoch_alone(sampled, pairs, tokenizer):
    epochs = [sampled.of_epoch(epoch) for epoch in range(4)]
    again = sample(pairs, tokenizer)
    for epoch in (3, 1, 2):  # in whatever order
        assert same(again.of_epoch(epoch), epochs[epoch])
    assert not same(sample(pairs, tokenizer, seed=2).of_epoch(1), epochs[1])


def test_without_sampling_the_ids_are_the_best_in_all_epochs(best):
    assert best.of_epoch(0) is best.of_epoch(7) is best


def test_pairs_that_are_left_out_are_those_without_sampling(pairs, tokenizer):
    some = Pairs([*pairs.sources[:50], "", "x " * 99], [*pairs.targets[:50], "nothing", "y"])
    sampled = sample(some, tokenizer, max_length=40)
    assert sampled.report() == tokenize_pairs(some, tokenizer, tokenizer, max_length=40).report()
    first = sampled.of_epoch(0)
    assert texts(tokenizer, first.sources) == some.sources[: len(first)]
    assert max(first.sources.lengths.max(), first.targets.lengths.max() + 1) <= 40


def test_a_sample_over_the_length_limit_gives_way_to_the_best(pairs, tokenizer, best):
    limit = int(max(best.sources.lengths.max(), best.targets.lengths.max() + 1))
    first = sample(pairs, tokenizer, max_length=limit).of_epoch(0)
    assert max(first.sources.lengths.max(), first.targets.lengths.max() + 1) == limit
    assert texts(tokenizer, first.sources) == pairs.sources


def test_training_resumes_at_any_step_with_the_same_batches(sampled, pairs, tokenizer):
    batches = BucketedBatches(sampled, 256, seed=3)
    steps = batches.steps_per_epoch
    stream = take(batches.dataset(), 3 * steps)
    for first_step in (1, steps - 1, steps, 2 * steps + steps // 2):
        anew = BucketedBatches(sample(pairs, tokenizer), 256, seed=3)
        assert anew.report() == batches.report()
        rest = take(anew.dataset(first_step), 3 * steps - first_step)
        for ours, theirs in itertools.chain.from_iterable(
            zip(a, b, strict=True) for a, b in zip(rest, stream[first_step:], strict=True)
        ):
            np.testing.assert_array_equal(ours, theirs)


def test_all_epochs_have_the_same_steps_and_shapes_and_nearly_all_pairs(sampled, tokenizer, pairs):
    batches = BucketedBatches(sampled, 256, max_shapes=3)
    steps = batches.steps_per_epoch
    for epoch in range(3):
        seen = []
        for sources, targets_in, _ in take(batches.dataset(epoch * steps), steps):
            assert (*sources.shape, targets_in.shape[1]) in batches.shapes
            rows = sources.any(axis=1)
            assert (targets_in.any(axis=1) == rows).all()
            seen += texts(tokenizer, list(sources[rows]))
        if epoch == 0:
            assert sorted(seen) == sorted(pairs.sources)
        expected = set(pairs.sources)
        assert len(expected & set(seen)) > 0.9 * len(expected)
        assert expected >= set(seen)


def test_one_pass_is_of_the_first_epoch(sampled):
    one_pass = take(BucketedBatches(sampled, 256).one_pass(), -1)
    assert sum(np.sum(sources != PAD) for sources, _, _ in one_pass) == len(
        sampled.of_epoch(0).sources.values
    )


def test_a_wordpiece_cannot_sample(pairs):
    tokenizer = WordPiece.train(pairs.sources, 100)
    with pytest.raises(UserError, match="wordpiece tokenizer cannot split a text at random"):
        sample(pairs, tokenizer)
