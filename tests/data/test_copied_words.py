"""Training shows placeholders in the place of words, the same on both sides."""

import itertools
import re

import numpy as np
import pytest

import tf_transformer as tft
from tests.small import SMALL
from tf_transformer import api
from tf_transformer.begin import start_run
from tf_transformer.data import Pairs
from tf_transformer.data.copied_words import number_of_copies, with_placeholders
from tf_transformer.text.rules import PLACEHOLDERS, clean

NAMES = [first + second + "a" for first in ("Le", "Mi", "So", "Ta", "Vi") for second in "bdlnrst"]
PLURALS = [("gatos", "cats"), ("livros", "books"), ("navios", "ships"), ("pães", "loaves")]
PAIRS = [
    (f"A {name} tem {number} {noun[0]} e a Olga.", f"Olga and {name} have {number} {noun[1]}.")
    for name, number, noun in itertools.product(NAMES, range(2, 17), PLURALS)
]
COUNT = len(PAIRS) // 5


def shown(pairs=PAIRS, share=0.2, seed=1):
    """Return the pairs that are trained on."""
    return list(with_placeholders(Pairs(*map(list, zip(*pairs, strict=True))), share, seed))


def copies(pairs=PAIRS, **options):
    """Return the pairs that come in addition."""
    return shown(pairs, **options)[len(pairs) :]


def found_in(text):
    return re.findall(f"[{PLACEHOLDERS}]", text)


def test_the_pairs_stay_and_copies_of_a_share_of_them_follow():
    assert shown()[: len(PAIRS)] == PAIRS
    assert len(copies()) == COUNT == number_of_copies(len(PAIRS), 0.2)


def test_both_sides_of_a_copy_have_the_same_placeholders_numbered_in_the_order_of_the_source():
    for source, target in copies():
        numbered = list(PLACEHOLDERS[: len(found_in(source))])
        assert numbered
        assert found_in(source) == numbered
        assert sorted(found_in(target)) == numbered
    assert any(found_in(target) != sorted(found_in(target)) for _, target in copies())


def test_each_placeholder_is_trained():
    used = [len(found_in(source)) for source, _ in copies()]
    assert {*used} == {1, 2, 3}  # two words and an end
    assert used.count(1) > used.count(2) > used.count(3)


def test_placeholders_stand_for_words_of_both_sides_behind_them_and_at_the_ends():
    places = [
        f"A [{PLACEHOLDERS}] tem",
        f"A [A-Z][a-z]+ [{PLACEHOLDERS}] tem",
        f"^[{PLACEHOLDERS}] A",
        rf"\. [{PLACEHOLDERS}]$",
    ]
    for place in places:
        assert sum(bool(re.search(place, source)) for source, _ in copies()) > COUNT / 50, place
    assert all(word in source for source, _ in copies() for word in (" tem ", " e a "))


def test_pairs_with_words_of_both_sides_come_first():
    plain = [("bom dia", "good morning")] * (4 * len(PAIRS))
    assert all(" tem " in source for source, _ in copies(PAIRS + plain, share=0.2))


def test_a_pair_without_such_words_gets_a_placeholder_at_an_end():
    plain = [("um gato dorme.", "a cat sleeps.")] * 100
    for source, target in copies(plain):
        assert re.fullmatch(r"(\S )?um gato dorme\.( \S)?", source)
        assert found_in(source) == found_in(target) != []


def test_copies_depend_on_the_seed_alone():
    assert copies(seed=1) == copies(seed=1) != copies(seed=2)


@pytest.mark.parametrize(("pairs", "share"), [(90, 0.2), (1000, 0.0), (0, 0.5)])
def test_too_few_copies_are_none(pairs, share):
    assert number_of_copies(pairs, share) == 0
    few = Pairs(["A Ana lê."] * pairs, ["Ana reads."] * pairs)
    assert with_placeholders(few, share) is few


@pytest.mark.parametrize("word", ["___", "1984", "İİİ", "क्षत्रिय", "a\\b", "O'Neill"])
def test_any_word_may_stand_on_both_sides(word):
    assert len(copies(600 * [(f"x {word}", f"{word} y")])) == 120


def test_copies_are_clean():
    texts = list(itertools.chain(*copies()))
    assert [*map(clean, texts)] == texts


def test_blank_pairs_are_not_copied():
    blank = [("", "nothing"), ("nada", " ")] * 100
    assert all(clean(side) for pair in copies(blank + PAIRS[:100], share=0.9) for side in pair)


def test_the_quick_start_shows_them_and_configurations_of_old_do_not():
    assert tft.preset("tiny")[1].unseen_share
    assert tft.config.TranslatorTraining.from_dict({}).unseen_share == 0


@pytest.fixture
def text_file(tmp_path):
    (tmp_path / "mine.tsv").write_text("\n".join(map("\t".join, PAIRS)), encoding="utf-8")
    return str(tmp_path / "mine.tsv")


@pytest.mark.parametrize(
    ("fields", "is_shown"),
    [({}, True), ({"unseen_share": 0.0}, False), ({"tokenizer": "wordpiece"}, False)],
    ids=["preset", "turned off", "a vocabulary without symbols"],
)
def test_training_shows_them_but_validation_does_not(
    fields, is_shown, text_file, tmp_path, monkeypatch
):
    batches = []
    monkeypatch.setattr(
        api, "train_translator", lambda model, config, *found, **_: batches.extend(found)
    )
    run, corpus = start_run(
        tmp_path / "run", text_file, "tiny", SMALL | {"vocab_size": 400} | fields
    )
    api.train_run(run, corpus)
    symbols = run.tokenizers()[0].symbols
    assert symbols == (PLACEHOLDERS if is_shown else "")
    training, validation = (shows_symbols(each.one_pass(), symbols) for each in batches)
    assert training == is_shown
    assert not validation


def shows_symbols(batches, symbols):
    ids = range(4, 4 + len(symbols))
    return any(np.isin(sources, ids).any() for (sources, _), _ in batches.as_numpy_iterator())


@pytest.mark.long
@pytest.mark.parametrize("share", [0.5, 0.0])
def test_words_that_training_has_never_shown_are_copied_if_it_shows_placeholders(
    share, text_file, tmp_path
):
    shape = {"num_layers": 1, "d_model": 64, "d_ff": 128, "vocab_size": 400}
    translate = tft.train(
        text_file, run_dir=tmp_path / "run", unseen_share=share, epochs=10, passes=3, **shape
    )
    assert translate("A Leba tem 5 gatos e a Olga.") == "Olga and Leba have 5 cats."
    names = [first + letter + "a" for first in ("Le", "Mi", "So") for letter in "łđøšžλ漢"]
    found = translate([f"A {name} tem 7 livros e a Đorđa." for name in names])
    right = sum(
        f"Đorđa and {name} have 7 books." == each for name, each in zip(names, found, strict=True)
    )
    assert right == len(names) if share else right == 0
