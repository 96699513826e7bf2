"""Noun phrases: one meaning, said in both languages."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tf_transformer.phrasebook import english
from tf_transformer.phrasebook.lexicon import Adjective, Entry, Name, Noun
from tf_transformer.phrasebook.portuguese import agree, contract


@dataclass(frozen=True)
class Phrase:
    """A noun phrase or pronoun in both languages.

    Attributes:
        pt, en: the phrase as a subject.
        person: 0 eu, 1 tu, 2 ele/ela, 3 nós, 4 eles/elas/vocês.
        gender: "m" or "f".
        agreement: what the English verb agrees with: "1s", "3s" or "pl".
        pt_oblique, en_oblique: the form after a preposition or (English) as an object.
    """

    pt: str
    en: str
    person: int = 2
    gender: str = "m"
    agreement: str = "3s"
    pt_oblique: str = ""
    en_oblique: str = ""

    @property
    def is_plural(self) -> bool:
        return self.person in (3, 4)

    @property
    def pt_object(self) -> str:
        return self.pt_oblique or self.pt

    @property
    def en_object(self) -> str:
        return self.en_oblique or self.en


@dataclass(frozen=True, eq=False)
class Determiner(Entry):
    """A determiner's forms; "…" stands where the noun goes ("o … dele").

    Attributes:
        forms: Portuguese forms by (gender, whether plural); "" where there is none.
        en_forms: English forms, singular and plural.
    """

    kind: str
    forms: dict[tuple[str, bool], str]
    en_forms: tuple[str, str]


NO_DETERMINER = Determiner(
    "", "", "bare", dict.fromkeys([(g, p) for g in "mf" for p in (0, 1)], ""), ("", "")
)


def determiner(row: dict[str, str]) -> Determiner:
    """Build a determiner from its row of `determiners.tsv`."""
    forms = {
        ("m", False): row["m"],
        ("f", False): row["f"],
        ("m", True): row["m_plural"],
        ("f", True): row["f_plural"],
    }
    lemma = row["m"] or row["m_plural"]
    return Determiner(
        lemma, row["en"] or row["en_plural"], row["kind"], forms, (row["en"], row["en_plural"])
    )


PRONOUNS = (
    Phrase("eu", "I", 0, "m", "1s", "mim", "me"),
    Phrase("tu", "you", 1, "m", "pl", "ti", "you"),
    Phrase("ele", "he", 2, "m", "3s", "ele", "him"),
    Phrase("ela", "she", 2, "f", "3s", "ela", "her"),
    Phrase("nós", "we", 3, "m", "pl", "nós", "us"),
    Phrase("vocês", "you", 4, "m", "pl", "vocês", "you"),
    Phrase("eles", "they", 4, "m", "pl", "eles", "them"),
    Phrase("elas", "they", 4, "f", "pl", "elas", "them"),
)


def noun_phrase(
    noun: Noun,
    det: Determiner = NO_DETERMINER,
    *,
    plural: bool = False,
    woman: bool = False,
    adjective: Adjective | None = None,
    degree: str = "",
) -> Phrase:
    """Say a noun with its determiner and adjective.

    Args:
        noun: the noun.
        det: its determiner. Defaults to none.
        plural: whether it is plural; ignored by nouns that are always plural, or never.
        woman: whether a noun with two genders means a woman.
        adjective: an adjective that agrees with it.
        degree: "" or "superlative" (with a definite determiner).
    """
    plural = (plural and noun.number == "count") or noun.number == "plural"
    woman = woman and bool(noun.feminine)
    gender = "f" if woman else noun.gender
    pt_noun = noun.feminine if woman else noun.pt
    if plural:
        pt_noun = feminine_plural(noun) if woman else noun.pt_plural
    en_noun = noun.en_plural if plural else noun.en
    if adjective:
        pt_adjective = agree(adjective.pt, gender, plural)
        en_adjective = english.compare(adjective.en, degree) if degree else adjective.en
        en_noun = f"{en_adjective} {en_noun}"
        if adjective.flag == "before" and not degree:
            pt_noun = f"{pt_adjective} {pt_noun}"
        else:
            more = "mais " if degree else ""
            pt_noun = f"{pt_noun} {more}{pt_adjective}"
    pt_det, en_det = det.forms[gender, plural], det.en_forms[plural]
    pt = pt_det.replace("…", pt_noun) if "…" in pt_det else f"{pt_det} {pt_noun}".strip()
    en = english.with_article(en_noun) if en_det == "a" else f"{en_det} {en_noun}".strip()
    return Phrase(pt, en, 4 if plural else 2, gender, "pl" if plural else "3s")


def feminine_plural(noun: Noun) -> str:
    """Return the plural of a noun's feminine: professoras, atrizes, cirurgiãs."""
    ending = "es" if noun.feminine.endswith(("r", "z")) else "s"
    return noun.feminine + ending


def named(name: Name) -> Phrase:
    """Say a person's name, which takes an article in Portuguese."""
    return Phrase(("a " if name.gender == "f" else "o ") + name.pt, name.en, 2, name.gender)


def owned(thing: Phrase, owner: Phrase, en_thing: str) -> Phrase:
    """Say that a thing is someone's: "o livro da Ana", "Ana's book"."""
    pt = f"{thing.pt} {contract('de', owner.pt)}"
    return replace(thing, pt=pt, en=f"{english.possessive(owner.en)} {en_thing}")
