"""WordPiece keeps the spelling of text, but for white space and unknown characters."""

import random

import pytest

from tf_transformer.errors import UserError
from tf_transformer.text import UNKNOWN, WordPiece


def round_trip(tokenizer, texts):
    return [text.decode() for text in tokenizer.detokenize(tokenizer.tokenize(texts)).numpy()]


def labels(tokenizer, text):
    return [label.decode() for label in tokenizer.tokens(tokenizer.tokenize([text])).to_list()[0]]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "the old fisherman doesn't like the blue door.",
        "it isn't lost, is it? \"3.50\" euros' worth (again)!",
        "lembra-se de «três» pães; não é?",
        "a well-known song...",
        "?!",
        "( the door ) , isn ' t it ? 3 . 50",
    ],
)
def test_spacing_around_punctuation_comes_back(wordpiece, text):
    assert round_trip(wordpiece, [text]) == [text]


def test_random_strings_of_known_characters_come_back_with_single_spaces(wordpiece, corpus):
    rng = random.Random(0)
    alphabet = sorted(set("".join(corpus))) + [" "] * 10 + list("\t\n\r\u00a0\u0085\u2003\u3000")
    texts = ["".join(rng.choices(alphabet, k=rng.randrange(40))) for _ in range(3000)]
    assert round_trip(wordpiece, texts) == [" ".join(text.split()) for text in texts]


def test_punctuation_always_stands_alone(wordpiece):
    for label in wordpiece.tokens(range(4, wordpiece.vocab_size)).numpy():
        piece = label.decode().removeprefix("##")
        assert len(piece) == 1 or piece.isalnum(), label


def test_what_follows_without_a_space_is_a_continuation(wordpiece):
    assert labels(wordpiece, "the door , the door,") == ["the", "door", ",", "the", "door", "##,"]
    assert labels(wordpiece, "doesn't") == ["doesn", "##'", "##t"]


def test_a_text_cannot_pass_for_a_continuation():
    tokenizer = WordPiece.train(["## ing singing thing #"] * 3, vocab_size=100)
    assert round_trip(tokenizer, ["th ##ing sing"]) == ["th ##ing sing"]
    assert labels(tokenizer, "##ing")[:2] == ["#", "###"]


def test_nothing_is_lost_after_a_nul(wordpiece):
    assert round_trip(wordpiece, ["the \0 door", "\0"]) == ["the \ufffd door", "\ufffd"]


def test_each_unknown_character_is_one_unknown_id_and_shows_in_the_text(wordpiece):
    assert wordpiece.tokenize(["❤", "漢字"]).to_list() == [[UNKNOWN], [UNKNOWN, UNKNOWN]]
    assert round_trip(wordpiece, ["the ❤door ❤ isn't"]) == ["the \ufffddoor \ufffd isn't"]


def test_a_long_word_is_split_like_any_other(wordpiece):
    assert round_trip(wordpiece, ["door" * 3000, "the door " * 10_000]) == [
        "door" * 3000,
        ("the door " * 10_000).strip(),
    ]


def test_case_and_accents_are_kept():
    tokenizer = WordPiece.train(["Às três a Irmã lê e\u0301"] * 3, vocab_size=200)
    assert round_trip(tokenizer, ["Às três a Irmã lê e\u0301"]) == ["Às três a Irmã lê e\u0301"]


@pytest.mark.parametrize("vocab_size", [20, 40, 80, 160, 320])
def test_the_vocabulary_is_never_larger_than_asked(corpus, vocab_size):
    assert WordPiece.train(corpus[::10], vocab_size).vocab_size <= vocab_size


def test_rare_characters_do_not_crowd_out_the_vocabulary(english):
    han = "".join(map(chr, range(0x4E00, 0x4E00 + 2000)))
    tokenizer = WordPiece.train([*english, han], vocab_size=200)
    assert round_trip(tokenizer, english[:50]) == english[:50]


@pytest.mark.parametrize("vocab_size", [-1, 0, 4, 19])
def test_a_vocabulary_too_small_to_hold_anything_is_refused(english, vocab_size):
    with pytest.raises(UserError, match=f"vocabulary of {vocab_size} ids is too small"):
        WordPiece.train(english, vocab_size)


def test_the_vocabulary_file_names_each_id_in_its_line(wordpiece, tmp_path):
    wordpiece.save(tmp_path / "tokenizer")
    lines = (tmp_path / "tokenizer" / "vocab.txt").read_text(encoding="utf-8").split("\n")
    assert lines[:4] == ["[PAD]", "[UNK]", "[START]", "[END]"]
    assert lines[-1] == ""
    assert len(lines) - 1 == wordpiece.vocab_size
    for label in ("the", "##,"):
        assert lines.index(label) == wordpiece.tokenize(["the,"]).to_list()[0][label == "##,"]
