"""English morphology: verbs, do-support, plurals, articles and comparison.

Agreement is one of "1s" (I), "3s" (he, the book) and "pl" (you, we, they, the books).
"""

from __future__ import annotations

import functools

from tf_transformer.phrasebook.tables import read_table, words

_BE = {"present": {"1s": "am", "3s": "is", "pl": "are"}, "past": {"pl": "were"}}
_NEGATIVE = {"am": "am not", "will": "won't", "can": "can't"}
_DOUBLING = frozenset(
    words(
        "admit begin cancel chat commit cut dig drop fit forget get hit hop hug let plan prefer "
        "put regret rob run set shop sit skip slip stop swim tan travel trap win wrap"
    )
)
_VOWELS = "aeiou"
_IRREGULAR_COMPARISON = {"good": ("better", "best"), "bad": ("worse", "worst")}
# Words of two syllables that take -er.
_SHORT_COMPARISON = frozenset(["clever", "quiet", "simple", "narrow", "gentle", "humble"])
# A vowel that sounds like a consonant, and the other way about.
_TAKES_A = ("uni", "use", "us", "eu", "one")
_TAKES_AN = ("hour", "honest", "heir")


@functools.cache
def _irregular_verbs() -> dict[str, tuple[str, str]]:
    rows = read_table("english_irregular.tsv")
    return {row["verb"]: (row["past"], row["participle"]) for row in rows}


@functools.cache
def _head_form(verb: str, form: str) -> str:
    if form == "base":
        return verb
    if form == "s":
        return {"be": "is", "have": "has"}.get(verb) or plural(verb)
    stem = verb + verb[-1] if verb in _DOUBLING else verb
    if form == "ing":
        if verb.endswith("ie"):
            return verb[:-2] + "ying"
        silent = verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")) and verb != "be"
        return (stem[:-1] if silent else stem) + "ing"
    if verb in _irregular_verbs():
        return _irregular_verbs()[verb][0 if form == "past" else 1]
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return verb[:-1] + "ied"
    return stem + "ed"


def inflect(verb: str, form: str) -> str:
    """Inflect the first word of a verb: ("wake up", "past") → "woke up".

    Args:
        verb: a base form, with its particle or preposition if it has one.
        form: `"base"`, `"s"`, `"ing"`, `"past"` or `"participle"`.

    Returns:
        The form, with the same particle or preposition.
    """
    head, _, rest = verb.partition(" ")
    return f"{_head_form(head, form)} {rest}".strip()


def finite(verb: str, tense: str, agreement: str) -> str:
    """Return the form of a verb in the "present" or "past" that agrees with its subject."""
    head, _, rest = verb.partition(" ")
    if head == "be":
        return f"{_BE[tense].get(agreement, 'was')} {rest}".strip()
    if head in ("will", "would", "can", "could", "should"):
        return verb
    if tense == "past":
        return inflect(verb, "past")
    return inflect(verb, "s" if agreement == "3s" else "base")


def negate(auxiliary: str) -> str:
    """Return the negative of an auxiliary as this corpus always writes it: "don't", "am not"."""
    return _NEGATIVE.get(auxiliary, auxiliary + "n't")


_TAKES_ES = frozenset(words("go do tomato potato hero mosquito volcano mango"))


@functools.cache
def plural(noun: str) -> str:
    """Return the regular plural of a noun, which is also a verb's third person: box → boxes."""
    if noun.endswith(("s", "x", "z", "ch", "sh")) or noun in _TAKES_ES:
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in _VOWELS:
        return noun[:-1] + "ies"
    if "-in-law" in noun:
        return noun.replace("-in-law", "s-in-law")
    return noun + "s"


def with_article(phrase: str) -> str:
    """Put "a" or "an" before a phrase, by the sound that it begins with."""
    word = phrase.lower()
    vowel = (word[0] in _VOWELS and not word.startswith(_TAKES_A)) or word.startswith(_TAKES_AN)
    vowel = vowel or (word.startswith(("ug", "um", "un")) and not word.startswith("uni"))
    return f"an {phrase}" if vowel else f"a {phrase}"


def possessive(owner: str) -> str:
    """Return the possessive of a noun phrase: "Ana's", "my parents'"."""
    return owner + ("'" if owner.endswith("s") else "'s")


@functools.cache
def compare(adjective: str, degree: str) -> str:
    """Return the "comparative" or "superlative": taller, most interesting."""
    index = 0 if degree == "comparative" else 1
    if adjective in _IRREGULAR_COMPARISON:
        return _IRREGULAR_COMPARISON[adjective][index]
    if not _compares_with_ending(adjective):
        return f"{('more', 'most')[index]} {adjective}"
    stem = adjective
    if stem.endswith("y"):
        stem = stem[:-1] + "i"
    elif stem.endswith("e"):
        stem = stem[:-1]
    elif stem[-1] not in "wxy" + _VOWELS and stem[-2] in _VOWELS and stem[-3] not in _VOWELS:
        stem += stem[-1]
    return stem + ("er", "est")[index]


def _compares_with_ending(adjective: str) -> bool:
    if adjective in _SHORT_COMPARISON:
        return True
    if adjective in ("loyal", "cruel", "naive"):
        return False
    if "-" in adjective or " " in adjective or adjective.endswith(("ed", "id", "ck")):
        return adjective in ("red", "black", "thick")
    vowels = "".join("v" if letter in _VOWELS + "y" else " " for letter in adjective)
    groups = len(vowels.split()) - (adjective.endswith("e") and len(vowels.split()) > 1)
    return groups == 1 or (groups == 2 and adjective.endswith("y"))
