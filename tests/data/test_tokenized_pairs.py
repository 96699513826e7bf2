"""Text pairs as token ids."""

import zlib

import numpy as np
import pytest
import tensorflow as tf

from tf_transformer.data import Pairs, tokenize_pairs
from tf_transformer.text.tokenizer import END


class WordTokenizer:
    """A word a token, its id a hash."""

    def tokenize(self, text):
        rows = [[self.id(word) for word in row.decode().split()] for row in text.numpy()]
        return tf.ragged.constant(rows, dtype=tf.int32, ragged_rank=1)

    @staticmethod
    def id(word):
        return 4 + zlib.crc32(word.encode()) % 1_000


def tokenize(pairs, **limits):
    sources, targets = zip(*pairs, strict=True)
    tokenizer = WordTokenizer()
    return tokenize_pairs(Pairs(list(sources), list(targets)), tokenizer, tokenizer, **limits)


def words(count):
    return " ".join(["word"] * count)


def test_sources_close_with_end_and_targets_are_bare():
    pairs = tokenize([("bom dia", "good morning to you"), ("olá", "hello")])
    ids = WordTokenizer.id
    assert pairs.sources[0].tolist() == [ids("bom"), ids("dia"), END]
    assert pairs.sources[1].tolist() == [ids("olá"), END]
    assert pairs.targets[0].tolist() == [ids(word) for word in ["good", "morning", "to", "you"]]
    assert pairs.targets[1].tolist() == [ids("hello")]
    for side in (pairs.sources, pairs.targets):
        assert side.values.dtype == side.row_splits.dtype == np.int32


def test_pairs_that_cannot_be_used_are_counted_by_the_first_reason_that_applies():
    pairs = tokenize(
        [
            ("olá", "hello"),
            ("", "hello"),
            (" \t", ""),
            ("olá", "\u00a0"),
            (words(20), words(20)),
            (words(20), "short"),
            (words(15), words(4)),
            (words(15), words(5)),
        ],
        max_length=20,
        max_length_ratio=3,
    )
    assert pairs.left_out == {
        "empty source": 2,
        "empty target": 1,
        "over the length limit": 2,
        "extreme length ratio": 1,
    }
    assert len(pairs) == len(pairs.sources) == len(pairs.targets) == 2
    assert pairs.sources.lengths.tolist() == [2, 16]
    assert pairs.targets.lengths.tolist() == [1, 5]


def test_a_language_that_takes_few_tokens_is_no_reason_to_leave_pairs_out():
    pairs = tokenize([*[(words(20), words(4))] * 9, (words(20), words(1))], max_length_ratio=3)
    assert (len(pairs), pairs.left_out["extreme length ratio"]) == (9, 1)


@pytest.mark.parametrize("long_first", [True, False])
def test_the_limit_counts_the_special_token_and_both_sides(long_first):
    def kept(length):
        pair = (words(length), words(4)) if long_first else (words(4), words(length))
        return len(tokenize([pair], max_length=8))

    assert kept(7) == 1
    assert kept(8) == 0


def test_short_sentences_may_differ_in_length():
    assert len(tokenize([("obrigado", words(10)), (words(10), "thanks")])) == 2
    assert len(tokenize([("obrigado", words(11)), (words(11), "thanks")])) == 0


def test_the_report_says_what_is_left_out_and_why():
    pairs = tokenize([("", "a"), ("b", "b"), ("c", "c")] * 600)
    assert pairs.report() == "1,200 of 1,800 pairs kept; left out: 600 empty source"
    assert tokenize([("a", "b")]).report() == "1 of 1 pair kept"


def test_texts_are_tokenized_in_order_however_many():
    texts = [str(number) for number in range(20_000)]
    pairs = tokenize(list(zip(texts, texts, strict=True)))
    assert pairs.targets.values.tolist() == [WordTokenizer.id(text) for text in texts]


def test_no_pairs_at_all_are_no_error():
    tokenizer = WordTokenizer()
    pairs = tokenize_pairs(Pairs([], []), tokenizer, tokenizer)
    assert len(pairs) == 0
    assert pairs.report() == "0 of 0 pairs kept"
