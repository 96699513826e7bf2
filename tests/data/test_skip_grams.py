"""Pairs and noise, compared with what word2vec's definition says in plain Python."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from tf_transformer.data import skip_grams
from tf_transformer.data.skip_grams import SkipGrams, keep_probabilities, near_pairs
from tf_transformer.errors import UserError
from tf_transformer.text.vocabulary import Vocabulary

RNG = np.random.default_rng(0)
TEXT = [list("abcdefgh"[:n]) for n in (8, 1, 3, 2, 5, 8, 6)] + [list("aab")] * 3


def plain_pairs(words, sentences, reach):
    """Word by word, context by context."""
    return [
        (words[i], words[j])
        for i in range(len(words))
        for j in range(len(words))
        if i != j and sentences[i] == sentences[j] and abs(i - j) <= reach[i]
    ]


def batches_of(source, count):
    return [
        [np.array(each) for each in batch[0]] for batch in itertools.islice(source.dataset(), count)
    ]


@pytest.mark.parametrize("window", [1, 2, 5, 40])
def test_pairs_are_those_of_the_definition(window):
    sentences = np.repeat(np.arange(6), [3, 1, 7, 2, 9, 1])
    words = RNG.integers(0, 5, len(sentences), dtype="int32")
    reach = RNG.integers(1, window + 1, len(sentences))
    found = near_pairs(words, sentences, reach)
    assert found.dtype == np.int32
    assert sorted(map(tuple, found)) == sorted(plain_pairs(words, sentences, reach))


def test_no_words_make_no_pairs():
    none = np.empty(0, "int32")
    assert near_pairs(none, none, none).shape == (0, 2)


def test_rare_words_are_kept_and_frequent_ones_thinned():
    counts = np.array([500_000, 499_000, 900, 100])
    keep = keep_probabilities(counts, 1e-3)
    # Of the C program of Mikolov et al.: (sqrt(f / (t N)) + 1) t N / f
    f, t = 500_000, 1e-3 * 1_000_000
    np.testing.assert_allclose(keep[0], (np.sqrt(f / t) + 1) * t / f, rtol=1e-6)
    assert keep[2] == keep[3] == 1
    assert (keep_probabilities(counts, 0) == 1).all()


def test_all_pairs_within_the_window_come_without_drawing():
    vocabulary = Vocabulary(TEXT)
    source = SkipGrams(TEXT, vocabulary, window=1, subsample=0)
    rows = [vocabulary.ids(row) for row in TEXT]
    expected = [p for r in rows for a, b in itertools.pairwise(r) for p in ((a, b), (b, a))]
    assert sorted(map(tuple, source.pairs(0))) == sorted(expected)


def test_nearer_words_count_more_and_frequent_ones_are_thinned_as_often_as_they_should():
    text = [list("abcdef")] * 4000
    vocabulary = Vocabulary(text)
    source = SkipGrams(text, vocabulary, window=5, subsample=0)
    seen = [source.pairs(0)[:, 1][source.pairs(0)[:, 0] == 0] == i for i in range(1, 6)]
    shares = [each.sum() / 4000 for each in seen]
    np.testing.assert_allclose(shares, [1, 0.8, 0.6, 0.4, 0.2], atol=0.03)

    thinned = SkipGrams(text, vocabulary, window=1, subsample=0.05)
    keep = keep_probabilities(vocabulary.counts, 0.05)[0]
    # A pair is there if both its words are, or if those between are not.
    p = keep
    expected = 2 * sum(
        p * p * (1 - p) ** (gap - 1) * (6 - gap) for gap in range(1, 6)
    )  # neighbours after thinning
    assert len(thinned.pairs(0)) / 4000 == pytest.approx(expected, rel=0.03)


def test_noise_is_drawn_by_frequency_to_the_power_of_three_quarters():
    text = [["a"] * 81 + ["b"] * 16 + ["c"]]
    source = SkipGrams(text, Vocabulary(text), noise=20_000, batch_pairs=8, subsample=0)
    (_, _, noise), *_ = batches_of(source, 1)
    shares = np.bincount(noise, minlength=3) / 20_000
    np.testing.assert_allclose(shares, np.array([27, 8, 1]) / 36, atol=0.01)


def test_batches_depend_on_the_seed_alone_and_have_one_shape(monkeypatch):
    monkeypatch.setattr(skip_grams, "_BLOCK_WORDS", 10)  # several blocks, several passes
    vocabulary = Vocabulary(TEXT)

    def first(count, seed):
        source = SkipGrams(TEXT, vocabulary, batch_pairs=16, noise=4, subsample=0, seed=seed)
        return batches_of(source, count)

    batches = first(20, seed=1)
    tf.random.set_seed(5)  # which is not what counts
    for one, again in zip(batches, first(20, seed=1), strict=True):
        for a, b in zip(one, again, strict=True):
            np.testing.assert_array_equal(a, b)
            assert a.dtype == np.int32
    assert {tuple(x.shape for x in batch) for batch in batches} == {((16,), (16,), (4,))}
    assert not all((a[0] == b[0]).all() for a, b in zip(batches, first(20, seed=2), strict=True))


def test_the_stream_is_one_pass_after_another(monkeypatch):
    monkeypatch.setattr(skip_grams, "_BLOCK_WORDS", 10)
    source = SkipGrams(TEXT, Vocabulary(TEXT), batch_pairs=4, subsample=0)
    passes = np.concatenate([source.pairs(epoch) for epoch in range(3)])
    count = len(passes) // 4
    streamed = np.concatenate([np.stack(b[:2], axis=1) for b in batches_of(source, count)])
    np.testing.assert_array_equal(streamed, passes[: 4 * count])
    assert sorted(map(tuple, source.pairs(0))) != sorted(map(tuple, source.pairs(1)))


def test_an_epoch_has_nearly_as_many_steps_as_pairs_fill():
    text = [list("abcdef")] * 1000
    source = SkipGrams(text, Vocabulary(text), batch_pairs=64)
    steps = len(source.pairs(3)) / 64
    assert source.steps_per_epoch == pytest.approx(steps, rel=0.05)
    assert source.words == 6000


def test_a_text_without_two_words_together_is_refused():
    text = [["a"], ["b"], []]
    with pytest.raises(UserError, match="no sentence has two words"):
        SkipGrams(text, Vocabulary(text))
