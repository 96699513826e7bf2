"""Words that a vocabulary cannot spell are hidden and put back, in graph and Python alike."""

import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.robustness.texts import TEXT
from tf_transformer.text import SentencePiece, WordPiece, train_tokenizers
from tf_transformer.text.placeholders import Placeholders
from tf_transformer.text.rules import PLACEHOLDERS, clean, hide, restore, unseen_pattern

SENTENCES = [
    "O João cozinhou o salmão, e quem vendeu a casa azul? Custa 1,50 - lê (2 kg).",
    "The Quick Brown Fox Jumps Over The Lazy Dog. I Walk, you Eat: hello, Xavi.",
]
FIRST, SECOND, THIRD, FOURTH = PLACEHOLDERS


@pytest.fixture(scope="module")
def tokenizer():
    return SentencePiece.train(SENTENCES, vocab_size=380, symbols=PLACEHOLDERS)


@pytest.fixture(scope="module")
def placeholders(tokenizer):
    return Placeholders(tokenizer, tokenizer)


@pytest.fixture(scope="module")
def pattern(tokenizer):
    return unseen_pattern(tokenizer.known_characters())


def hidden(placeholders, text):
    """Return one text in which words are hidden, and the words."""
    found, words = placeholders.hide([text])
    return found.numpy()[0].decode(), [word.decode() for word in words.numpy()[0] if word]


@pytest.mark.parametrize(
    ("text", "expected", "words"),
    [
        ("O Łukasz cozinhou.", f"O {FIRST} cozinhou.", ["Łukasz"]),
        ("★ Quem vendeu?", f"{FIRST} Quem vendeu?", ["★"]),
        ("O João★ e a Zoë, não?", f"O João{FIRST} e a {SECOND}, não?", ["★", "Zoë"]),
        ("O Ivan Иван Петров lê.", f"O Ivan {FIRST} lê.", ["Иван Петров"]),
        ("A casa-Đorđe azul", f"A casa-{FIRST} azul", ["Đorđe"]),
        ("Vê 漢字。", f"Vê {FIRST}", ["漢字。"]),
        ("O JOÃO COZINHOU", "O JOÃO COZINHOU", []),
        ("ß e ł, ø e đ", f"{FIRST} e {SECOND}, {THIRD} e {FOURTH}", ["ß", "ł", "ø", "đ"]),
        ("می‌خواهم casa", f"{FIRST} casa", ["می‌خواهم"]),
        (f"a {SECOND} b", f"a {FIRST} b", [SECOND]),
        ("", "", []),
    ],
)
def test_words_with_an_unknown_character_and_unknown_signs_are_hidden(
    text, expected, words, placeholders, pattern
):
    assert hidden(placeholders, text) == (expected, words)
    assert hide(text, pattern) == (expected, words)
    assert placeholders.restore(*placeholders.hide([text])).numpy()[0].decode() == text


def test_what_is_beyond_the_placeholders_stays(placeholders):
    text, words = hidden(placeholders, f"ł, ø, đ, ß, þ, {FIRST}.")
    assert words == ["ł", "ø", "đ", "ß"]
    assert text.endswith(", þ, \N{REPLACEMENT CHARACTER}.")  # it would be taken for one of these


@settings(max_examples=50, derandomize=True, deadline=None)
@given(texts=st.lists(TEXT, min_size=1, max_size=24))
def test_graph_and_python_hide_and_put_back_the_same(texts, placeholders, pattern):
    texts = [*map(clean, texts)]
    found, words = placeholders.hide(texts)
    back = placeholders.restore(found, words).numpy()
    for row, text in enumerate(texts):
        expected, expected_words = hide(text, pattern)
        assert found.numpy()[row].decode() == expected
        assert [word.decode() for word in words.numpy()[row] if word] == expected_words
        assert back[row].decode() == restore(expected, expected_words)
        if len(expected_words) < len(PLACEHOLDERS):
            assert back[row].decode() == text


def test_each_hypothesis_of_a_beam_gets_its_own_rows_words(placeholders):
    _, words = placeholders.hide(["O Łukasz e ★", "a Zoë"])
    beam = [[f"{FIRST} and {SECOND}", f"{SECOND}{FIRST}"], [f"a {FIRST} {FOURTH}", "a\nb"]]
    found = placeholders.restore(tf.constant(beam), words).numpy()
    assert [text.decode() for text in found.ravel()] == [
        "Łukasz and ★",
        "★Łukasz",
        "a Zoë ",
        "a\nb",
    ]


def test_a_word_that_is_lost_comes_last(placeholders):
    words = placeholders.hide(["O Łukasz e ★", "a Zoë"])[1]
    beam = tf.constant([["and", f"x {SECOND}."], [f"a {FIRST}", "a"]])
    expected = [["and Łukasz ★", "x ★. Łukasz"], ["a Zoë", "a Zoë"]]
    found = placeholders.restore(placeholders.with_all(beam, words), words).numpy()
    assert [[text.decode() for text in row] for row in found] == expected
    in_python = [
        [restore(text.decode(), [word.decode() for word in row if word]) for text in texts]
        for texts, row in zip(beam.numpy(), words.numpy(), strict=True)
    ]
    assert in_python == expected


def test_the_known_share_is_0_where_a_word_is_lost_or_comes_twice(placeholders):
    source = tf.constant(["a Łuk", "casa"])
    _, words = placeholders.hide(source)
    written = [[f"the {FIRST}", "the", f"{FIRST}{FIRST}"], ["house", "", f"{FIRST}"]]
    shares = placeholders.known_share(source, words, tf.constant(written))
    assert shares.numpy().tolist() == [[0.25, 0, 0], [1, 1, 0]]


@pytest.mark.parametrize("kind", ["wordpiece", "sentencepiece"])
def test_vocabularies_without_placeholders_hide_nothing(kind):
    tokenizers = train_tokenizers(SENTENCES, SENTENCES, kind, vocab_size=380)
    assert hidden(Placeholders(*tokenizers), "O Łukasz") == ("O Łukasz", [])


def test_symbols_are_pieces_of_their_own_and_lose_nothing(tokenizer):
    text = f"O{FIRST}João {FOURTH}"
    tokens = [token.decode() for token in tokenizer.tokens(tokenizer.tokenize([text])).numpy()[0]]
    assert {FIRST, FOURTH} <= {*tokens}
    assert tokenizer.detokenize(tokenizer.tokenize([text])).numpy()[0].decode() == text
    assert tokenizer.symbols == PLACEHOLDERS


def test_only_sentencepiece_takes_symbols():
    with pytest.raises(TypeError, match="symbols"):
        WordPiece.train(SENTENCES, vocab_size=100, symbols=PLACEHOLDERS)
