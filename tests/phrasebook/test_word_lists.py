"""The lists that word vectors are tested on are what the lexicon says."""

import collections
import itertools

import pytest

from tf_transformer.phrasebook import word_lists
from tf_transformer.phrasebook.lexicon import Lexicon


@pytest.fixture(scope="module")
def known():
    """Every English word of the lexicon, in its simple form and others."""
    lexicon = Lexicon()
    words = {entry.en for entry in (*lexicon.nouns, *lexicon.verbs, *lexicon.adjectives)}
    words |= {noun.en_plural for noun in lexicon.nouns}
    return words | {"walked", "walking", "walks", "swam", "swimming", "swims"}


def test_grades_follow_the_classes_of_the_lexicon(known):
    pairs = word_lists.similar_words(known)
    assert collections.Counter(grade for *_, grade in pairs) == {3: 80, 2: 80, 1: 80, 0: 80}
    class_of = {noun.en: noun.category for noun in Lexicon().nouns}
    for first, second, grade in pairs:
        classes = {class_of.get(first), class_of.get(second)}
        assert (len(classes) == 1) == (grade == word_lists.SAME_CLASS)
        assert (None in classes) == (grade == word_lists.UNLIKE)
    assert len({frozenset(pair[:2]) for pair in pairs}) == len(pairs)


def test_lists_depend_on_the_seed_and_hold_known_words_alone(known):
    some = sorted(known)[::2]
    pairs = word_lists.similar_words(some)
    assert pairs == word_lists.similar_words(set(some))
    assert pairs != word_lists.similar_words(some, seed=1)
    assert {word for *pair, _ in pairs for word in pair} <= set(some)
    assert word_lists.similar_words([]) == []
    assert not any(word_lists.analogies([]).values())


def test_a_word_of_two_classes_is_in_none(known):
    classes = word_lists.noun_classes(known)
    together = list(itertools.chain(*classes.values()))
    assert len(set(together)) == len(together)
    assert "dog" in classes["animal"]


def test_analogies_are_forms_of_two_words(known):
    questions = word_lists.analogies(known)
    assert set(questions) == {"plural", "past", "progressive", "third person"}
    assert len(questions["plural"]) == 200
    assert ("walk", "walked", "swim", "swam") in questions["past"]
    assert ("swim", "swimming", "walk", "walking") in questions["progressive"]
    for rows in questions.values():
        for a, b, c, d in rows:
            assert len({a, b, c, d}) == 4
