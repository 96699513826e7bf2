import numpy as np
import pytest

from tf_transformer.errors import UserError
from tf_transformer.text.vocabulary import Vocabulary, words_of

ROWS = [["the", "cat", "sees", "the", "dog"], ["the", "dog", "sleeps"], []]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Isn't it Ana's?", ["isn't", "it", "ana's"]),
        ("A avó, às 10:30, não-fumadora.", ["a", "avó", "às", "10", "30", "não-fumadora"]),
        ("“It’s…” – 'yes'", ["it’s", "yes"]),
        (" \n?! 🙂", []),
        ("किताब पढ़ती है।", ["किताब", "पढ़ती", "है"]),
        ("mac\u0327a\u0303", ["maçã"]),
        ("İstanbul'da", ["i\u0307stanbul'da"]),
        ("می\u200cخواهم", ["می\u200cخواهم"]),
    ],
)
def test_words_are_lower_case_and_keep_what_is_inside_of_them(text, words):
    assert words_of(text) == words


def test_tokens_stand_by_falling_frequency_then_by_the_alphabet():
    vocabulary = Vocabulary(ROWS)
    assert vocabulary.tokens == ("the", "dog", "cat", "sees", "sleeps")
    np.testing.assert_array_equal(vocabulary.counts, [3, 2, 1, 1, 1])
    assert len(vocabulary) == 5


def test_ids_are_places_and_unknown_tokens_are_left_out():
    vocabulary = Vocabulary(ROWS, min_count=2)
    assert vocabulary.tokens == ("the", "dog")
    assert vocabulary.ids(["a", "dog", "is", "the", "dog"]) == [1, 0, 1]
    assert "dog" in vocabulary
    assert "cat" not in vocabulary


def test_a_size_keeps_the_most_frequent():
    assert Vocabulary(ROWS, size=3).tokens == ("the", "dog", "cat")


def test_too_little_text_is_refused():
    with pytest.raises(UserError, match="no word occurs 9 times"):
        Vocabulary(ROWS, min_count=9)
