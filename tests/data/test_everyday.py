"""The built-in everyday sentences are clean, and hold none that models are judged by."""

import collections
import re

import pytest

import tf_transformer as tft
from tests.first_run import CHECKOUT
from tf_transformer.data.text_files import read_columns
from tf_transformer.text.rules import clean, duplicate_key

PORTUGUESE = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ0-9 .,;:!?'\"–—%€$ºª()/…°&+@«»-]+")


@pytest.fixture(scope="module")
def pairs():
    return tft.load_corpus("everyday").pairs("all")


def test_it_has_the_splits_of_a_file_and_names_its_languages(pairs):
    corpus = tft.load_corpus("everyday")
    parts = [corpus.splits[split] for split in ("train", "validation", "test")]
    assert sum(parts) == len(pairs) > 25_000
    assert parts[1] > 400
    assert (corpus.source_language, corpus.target_language) == ("pt", "en")
    assert corpus.license == "Apache-2.0"


def test_sentences_are_clean_and_of_european_letters(pairs):
    for texts in (pairs.sources, pairs.targets):
        assert all(text == clean(text) for text in texts)
        assert [text for text in texts if not PORTUGUESE.fullmatch(text)] == []


def test_no_sentence_comes_twice(pairs):
    counts = collections.Counter(map(duplicate_key, pairs.sources))
    assert [text for text, count in counts.items() if count > 1] == []


def test_questions_are_translated_by_questions_but_for_a_few_idioms(pairs):
    """Such as "Será que chove?", "I wonder if it is raining."."""
    other = [pair for pair in pairs if (pair[0][-1] == "?") != (pair[1][-1] == "?")]
    assert len(other) < len(pairs) / 500


def test_the_sentences_that_judge_a_translator_are_not_among_them(pairs):
    judged = read_columns(str(CHECKOUT / "recipes/everyday_sentences.tsv"), "source", "target")
    keys = [{*map(duplicate_key, side)} for side in zip(*judged, strict=True)]
    for texts, known in zip((pairs.sources, pairs.targets), keys, strict=True):
        assert known.isdisjoint(map(duplicate_key, texts))
