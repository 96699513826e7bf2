"""Whatever the bytes: cleaning, the splitter and the tokenizers lose none of them silently."""

import unicodedata

import pytest
import tensorflow as tf
from hypothesis import strategies as st

from tests.robustness.texts import BYTES, IGNORABLE, LINE, TEXT, many
from tests.text.conftest import *  # noqa: F403 (fixtures)
from tf_transformer.tasks.pieces import pieces_of
from tf_transformer.text import clean_text, join_sentences, rules, split_sentences


def decoded(texts):
    """Return what TensorFlow and Python call the text of bytes that may not be UTF-8."""
    return [text.decode(errors="replace") for text in texts]


def in_graph(function, texts):
    return [text.decode() for text in function(tf.constant(texts, tf.string)).numpy()]


def nfc(text):
    return unicodedata.normalize("NFC", text)


def test_cleaning_is_the_same_in_the_graph_and_in_python_and_a_second_time(for_all):
    def check(texts):
        cleaned = in_graph(clean_text, texts)
        assert cleaned == [rules.clean(text) for text in decoded(texts)]
        assert in_graph(clean_text, cleaned) == cleaned
        assert cleaned[::3] == in_graph(clean_text, texts[::3])

    for_all(many(BYTES), check)


def test_cleaning_loses_only_what_is_not_seen(for_all):
    def is_seen(character):
        return rules.clean(f"a {character} b") != "a b"

    def check(texts):
        for text, cleaned in zip(texts, in_graph(clean_text, texts), strict=True):
            seen = "".join(filter(is_seen, text))
            assert nfc(cleaned.replace(" ", "")) == nfc(seen)

    for_all(many(TEXT), check)


def test_normal_forms_and_what_is_not_seen_make_no_difference(for_all):
    def check(example):
        texts, marks = example
        spelt = [unicodedata.normalize("NFD", text) for text in texts]
        marked = [mark.join(text) for text, mark in zip(texts, marks, strict=True)]
        assert in_graph(clean_text, spelt) == in_graph(clean_text, texts)
        assert in_graph(clean_text, marked) == in_graph(clean_text, texts)

    for_all(st.tuples(many(TEXT), many(st.sampled_from(IGNORABLE))), check)


def test_the_splitter_is_the_same_in_the_graph_and_in_python(for_all):
    def check(lines):
        pieces = pieces_of(tf.constant(lines))
        found = [[piece.decode() for piece in row if piece] for row in pieces.to_list()]
        assert found == [rules.split_line(line) for line in lines]

    for_all(many(LINE), check)


def test_sentences_joined_are_the_text_that_was_split(for_all):
    def check(texts):
        pieces = split_sentences(tf.constant(texts, tf.string))
        joined = decoded(join_sentences(pieces, pieces.flat_values).numpy())
        assert pieces.nrows() == len(texts)
        for text, whole in zip(decoded(texts), joined, strict=True):
            assert "".join(whole.split()) == "".join(text.replace(rules.BOUNDARY, "").split())
            assert whole.count("\n") == text.count("\n")
        assert pieces[::5].to_list() == split_sentences(tf.constant(texts[::5])).to_list()

    for_all(many(BYTES), check)


@pytest.fixture(scope="module")
def tokenizers(characters, sentencepiece, wordpiece):
    return characters, sentencepiece, wordpiece


def test_tokenizers_give_a_row_for_a_text_whatever_stands_beside_it(tokenizers, for_all):
    def check(texts):
        for tokenizer in tokenizers:
            ids = tokenizer.tokenize(tf.constant(texts))
            assert ids.nrows() == len(texts)
            assert ids[::7].to_list() == tokenizer.tokenize(tf.constant(texts[::7])).to_list()
            assert tf.reduce_all((ids.flat_values >= 0) & (ids.flat_values < tokenizer.vocab_size))
            for text in tokenizer.detokenize(ids).numpy():
                text.decode()

    for_all(many(BYTES), check)


def test_sentencepiece_loses_nothing(sentencepiece, for_all):
    def check(texts):
        found = sentencepiece.detokenize(sentencepiece.tokenize(tf.constant(texts))).numpy()
        assert decoded(found) == decoded(texts)

    for_all(many(BYTES), check)


def test_any_ids_are_valid_text(tokenizers, for_all):
    def check(rows):
        for tokenizer in tokenizers:
            ids = tf.ragged.constant(rows, tf.int32) % tokenizer.vocab_size
            for text in tokenizer.detokenize(ids).numpy():
                text.decode()

    for_all(many(st.lists(st.integers(0, 10_000), max_size=9)), check)
