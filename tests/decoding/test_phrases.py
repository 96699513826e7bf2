"""A phrase is found in a text however the text is split into pieces."""

import itertools
import re

import numpy as np
import pytest
import tensorflow as tf

from tests.decoding.pieces import Pieces
from tf_transformer.decoding import Phrases
from tf_transformer.text import END

PHRASES = ["a", "ab", "aba", "a b", "b a b", "ba-b", "é"]
TOKENIZER = Pieces(" ", "a", "b", "-", " a", "ab", " ba", "-b a", "é", " «ab»")


def is_in(phrase, text):
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text) is not None


@pytest.fixture(scope="module")
def phrases():
    return tf.function(lambda: Phrases.of(tf.constant(PHRASES), TOKENIZER), autograph=False)()


def test_a_phrase_is_written_where_it_stands_as_whole_words(phrases):
    rows = [*itertools.product(range(4, TOKENIZER.vocab_size), repeat=3)]
    numbers = tf.tile(tf.range(1, len(PHRASES) + 1)[None], [len(rows), 1])
    find = tf.function(lambda ids: phrases.is_there(phrases.place(numbers, ids)), autograph=False)
    found = find(tf.constant(rows)).numpy()
    texts = [TOKENIZER.text(ids) for ids in rows]
    assert len(set(texts)) < len(texts) == 1_000  # some are split in several ways
    expected = [[is_in(phrase, text) for phrase in PHRASES] for text in texts]
    np.testing.assert_array_equal(found, expected)
    assert found.any(axis=0).all()
    ended = phrases.next_place(numbers, phrases.place(numbers, tf.constant(rows)), END)
    np.testing.assert_array_equal(phrases.is_there(ended), expected)


def test_the_pieces_of_a_phrase_lead_through_it(phrases):
    for number, phrase in enumerate(PHRASES, start=1):
        ids = TOKENIZER.tokenize(tf.constant([phrase]))[0].numpy()
        place, done = tf.constant(0), []
        for token_id in ids:
            assert phrases.pieces[number, place] == token_id
            done.append(int(phrases.done[number, place]))
            place = phrases.next_place(number, place, token_id)
        assert phrases.is_there(place)
        assert phrases.pieces[number, place] == 0
        assert done == sorted(done)
        assert done[0] == 0 < done[-1] + 1 == phrases.done[number, place]


def test_no_phrase_is_nowhere(phrases):
    place = phrases.place(tf.zeros([1, 2], tf.int32), tf.constant([[4, 5, 6]]))
    assert not phrases.is_there(place).numpy().any()
    assert not phrases.pieces[0].numpy().any()
