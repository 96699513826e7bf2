"""Training shows characters that its text has never shown, so that they are copied."""

import itertools
import re
import types

import numpy as np
import pytest

import tf_transformer as tft
from tests.small import SMALL
from tf_transformer import api
from tf_transformer.data import Pairs
from tf_transformer.data.unseen_characters import with_unseen_characters
from tf_transformer.text import clean_text

NAMES = [first + second + "a" for first in ("Le", "Mi", "So", "Ta", "Vi") for second in "bdlnrst"]
PLURALS = [("gatos", "cats"), ("livros", "books"), ("navios", "ships"), ("pães", "loaves")]
PAIRS = [
    (f"A {name} tem {number} {noun[0]}.", f"{name} has {number} {noun[1]}.")
    for name, number, noun in itertools.product(NAMES, range(2, 17), PLURALS)
]
SENTENCEPIECE, WORDPIECE = types.SimpleNamespace(kind="sentencepiece"), tft.text.WordPiece
KNOWN = {word for pair in PAIRS for side in pair for word in side.split()}
COUNT = len(PAIRS) // 5


def shown(pairs=PAIRS, share=0.2, seed=1, tokenizers=2 * (SENTENCEPIECE,)):
    """Return the pairs that are trained on."""
    found = Pairs(*map(list, zip(*pairs, strict=True)))
    return list(with_unseen_characters(found, tokenizers, share, seed))


def copies(pairs=PAIRS, **options):
    """Return the pairs that come in addition."""
    return shown(pairs, **options)[len(pairs) :]


def test_the_pairs_stay_and_copies_of_a_share_of_them_follow():
    assert shown()[: len(PAIRS)] == PAIRS
    assert len(copies()) == COUNT


def test_both_sides_of_a_copy_get_the_same_words_and_signs():
    for source, target in copies():
        assert sorted({*source.split()} - KNOWN) == sorted({*target.split()} - KNOWN)
    assert sum(bool({*source.split()} - KNOWN) for source, _ in copies()) > 0.95 * COUNT


def test_unseen_characters_of_many_scripts_stand_in_words_after_them_and_at_the_ends():
    found = [target for _, target in copies()]
    seen = {*"".join(itertools.chain(*PAIRS)).lower()}
    unseen = [{*text.lower()} - seen for text in found]
    assert sum(map(bool, unseen)) > COUNT / 2
    assert len(set().union(*unseen)) > COUNT / 2
    assert len({byte for text in found for byte in text.encode() if byte >= 0x80}) > 90
    for place in (r"^\W ", r" \W$", r"^[A-Z]\w* \W has", r"^[A-Z][a-z]*[^\Wa-z][a-z]+ has"):
        assert sum(bool(re.search(place, text)) for text in found) > COUNT / 50, place


def test_copies_are_clean():
    texts = list(itertools.chain(*copies()))
    assert [text.decode() for text in clean_text(texts).numpy()] == texts


def test_copies_depend_on_the_seed_alone():
    assert copies() == copies()
    assert copies() != copies(seed=2)


def test_pairs_with_a_word_on_both_sides_are_taken_first():
    others = [("bom dia", "good day")] * len(PAIRS)
    assert not any("dia" in source for source, _ in copies(others + PAIRS, share=0.1))


def test_without_words_on_both_sides_characters_stand_first_or_last():
    found = copies(600 * [("não há", "no way")])
    assert len(found) == 120
    for source, target in found:
        assert source.replace("não há", "no way") == target
        assert source.startswith("não há ") or source.endswith(" não há")


def test_blank_sides_are_not_copied():
    assert copies(600 * [("", "nothing"), ("nada", " ")]) == []


@pytest.mark.parametrize("word", ["___", "1984", "İİİ", "क्षत्रिय", "a\\b", "O'Neill"])
def test_any_word_may_stand_on_both_sides(word):
    assert len(copies(600 * [(f"x {word}", f"{word} y")])) == 120


@pytest.mark.parametrize(
    "options",
    [{"share": 0.0}, {"pairs": PAIRS[:400]}, {"tokenizers": (SENTENCEPIECE, WORDPIECE)}],
    ids=["no share", "few pairs", "a vocabulary without bytes"],
)
def test_there_are_no_copies_where_nothing_could_be_learned(options):
    assert shown(**options) == options.get("pairs", PAIRS)


def test_the_quick_start_shows_them_and_configurations_of_old_do_not():
    assert tft.preset("tiny")[1].unseen_share
    assert tft.config.TranslatorTraining.from_dict({}).unseen_share == 0


@pytest.fixture
def text_file(tmp_path):
    (tmp_path / "mine.tsv").write_text("\n".join(map("\t".join, PAIRS)), encoding="utf-8")
    return str(tmp_path / "mine.tsv")


@pytest.mark.parametrize("fields", [{}, {"unseen_share": 0.0}], ids=["preset", "turned off"])
def test_training_shows_them_but_validation_does_not(fields, text_file, tmp_path, monkeypatch):
    batches = []
    monkeypatch.setattr(
        api, "train_translator", lambda model, config, *found, **_: batches.extend(found)
    )
    run = api.start_run(tmp_path / "run", text_file, "tiny", SMALL | {"vocab_size": 400} | fields)
    api.train_run(*run)
    training, validation = (bytes_in(each.one_pass()) for each in batches)
    assert (training > 0) == (not fields)
    assert validation == 0


def bytes_in(batches):
    """Count the byte pieces."""
    return sum(np.sum((ids >= 4) & (ids < 260)) for (ids, _), _ in batches.as_numpy_iterator())


@pytest.mark.long
@pytest.mark.parametrize("share", [0.5, 0.0])
def test_one_unseen_letter_in_a_name_is_copied_if_training_shows_such_letters(
    share, text_file, tmp_path
):
    shape = {"num_layers": 1, "d_model": 64, "d_ff": 128, "vocab_size": 400}
    translate = tft.train(
        text_file, run_dir=tmp_path / "run", unseen_share=share, epochs=10, passes=3, **shape
    )
    assert translate("A Leba tem 5 gatos.") == "Leba has 5 cats."
    names = [first + letter + "a" for first in ("Le", "Mi", "So") for letter in "łđøšжλ"]
    found = translate([f"A {name} tem 7 livros." for name in names])
    right = sum(f"{name} has 7 books." == each for name, each in zip(names, found, strict=True))
    assert right >= 12 if share else right == 0
