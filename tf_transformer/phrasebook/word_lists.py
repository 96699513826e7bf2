"""Similar English words and analogies from the lexicon, for testing word vectors."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable
from itertools import combinations, product

from tf_transformer.phrasebook import english
from tf_transformer.phrasebook.lexicon import Lexicon
from tf_transformer.phrasebook.tables import words

# Classes of nouns with somewhat similar members: people, what one eats, where one is, …
_KINDS = [
    words(group)
    for group in (
        "profession person family",
        "food drink ingredient",
        "building room outdoor",
        "clothes furniture device instrument thing vehicle part material",
        "idea quality subject reading",
        "body ailment",
        "sky nature",
    )
]
SAME_CLASS, SAME_KIND, BOTH_NOUNS, UNLIKE = 3, 2, 1, 0
_MOST_OF_A_CLASS = 12  # nouns, so that large classes do not outweigh the others


def similar_words(
    known: Collection[str], size: int = 80, seed: int = 0
) -> list[tuple[str, str, int]]:
    """List pairs of English words with a grade of their similarity.

    Grades: 3 for nouns of one class, such as two animals; 2 for nouns of one kind, such as a room
    and a building; 1 for any other two nouns; 0 for a noun and a verb or adjective.

    Args:
        known: the words to choose from; other words of the lexicon are left out.
        size: most pairs of each grade. Defaults to 80.
        seed: seed of the choice. Defaults to 0.

    Returns:
        `(word, word, grade)`, sorted by grade and words.
    """
    rng = random.Random(seed)
    classes = _nouns_by_class(known, rng)
    lexicon = Lexicon()
    nouns = [noun for members in classes.values() for noun in members]
    others = _distinct([v.en for v in lexicon.verbs] + [a.en for a in lexicon.adjectives], known)
    others = [word for word in others if word not in {n.en for n in lexicon.nouns}]
    pairs_of = {
        SAME_CLASS: [pair for members in classes.values() for pair in combinations(members, 2)],
        SAME_KIND: [
            pair
            for kind in _KINDS
            for first, second in combinations(kind, 2)
            for pair in product(classes.get(first, ()), classes.get(second, ()))
        ],
        BOTH_NOUNS: _unlike_nouns(classes),
        UNLIKE: list(product(nouns, others)),
    }
    return sorted(
        ((*pair, grade) for grade, pairs in pairs_of.items() for pair in _some(pairs, size, rng)),
        key=lambda row: (-row[2], row[:2]),
    )


def analogies(
    known: Collection[str], size: int = 200, seed: int = 0
) -> dict[str, list[tuple[str, str, str, str]]]:
    """Make questions of the form "apple is to apples as dog is to dogs".

    Args:
        known: the words to choose from; other words of the lexicon are left out.
        size: most questions of each sort. Defaults to 200.
        seed: seed of the choice. Defaults to 0.

    Returns:
        Rows of four words by sort, such as `"plural"`: the last word answers the question.
    """
    rng = random.Random(seed)
    lexicon = Lexicon()
    verbs = {verb.en for verb in lexicon.verbs}
    plurals = [(n.en, n.en_plural) for n in lexicon.nouns if n.number == "count"]
    forms = {"past": "past", "progressive": "ing", "third person": "s"}
    pairs_of = {"plural": plurals} | {
        sort: [(verb, english.inflect(verb, form)) for verb in sorted(verbs)]
        for sort, form in forms.items()
    }
    questions = {}
    for sort, pairs in pairs_of.items():
        pairs = _unambiguous(pairs, known)
        rows = [(*a, *b) for a in pairs for b in pairs if a != b]
        questions[sort] = _some(rows, size, rng)
    return questions


def noun_classes(known: Collection[str]) -> dict[str, list[str]]:
    """List the known English nouns of each class of the lexicon."""
    classes: dict[str, list[str]] = {}
    nouns = Lexicon().nouns
    for noun in nouns:
        classes.setdefault(noun.category, []).append(noun.en)
    seen_in = {noun.en: set() for noun in nouns}
    for noun in nouns:
        seen_in[noun.en].add(noun.category)
    return {
        name: _distinct((word for word in members if len(seen_in[word]) == 1), known)
        for name, members in classes.items()
    }


def _nouns_by_class(known: Collection[str], rng: random.Random) -> dict[str, list[str]]:
    return {
        name: _some(members, _MOST_OF_A_CLASS, rng) for name, members in noun_classes(known).items()
    }


def _unlike_nouns(classes: dict[str, list[str]]) -> list[tuple[str, str]]:
    kind_of = {name: kind for kind in _KINDS for name in kind}
    return [
        pair
        for first, second in combinations(classes, 2)
        if kind_of.get(first, first) != kind_of.get(second, second)
        for pair in product(classes[first], classes[second])
    ]


def _unambiguous(pairs: Iterable[tuple[str, str]], known: Collection[str]) -> list[tuple[str, str]]:
    """Keep pairs of two different known words, no word in two pairs."""
    pairs = [(a, b) for a, b in dict.fromkeys(pairs) if a in known and b in known and a != b]
    often = [word for pair in pairs for word in pair]
    return [(a, b) for a, b in pairs if often.count(a) == often.count(b) == 1]


def _distinct(found: Iterable[str], known: Collection[str]) -> list[str]:
    return [word for word in dict.fromkeys(found) if word in known]


def _some(rows: list, size: int, rng: random.Random) -> list:
    return rng.sample(rows, min(size, len(rows)))
