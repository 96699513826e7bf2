"""The words: every entry pairs a Portuguese lemma with its one English translation."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from tf_transformer.phrasebook import english, portuguese
from tf_transformer.phrasebook.tables import read_table


@dataclass(frozen=True, eq=False)
class Entry:
    """A pair of lemmas. Two entries are the same only if they are the same object."""

    pt: str
    en: str


@dataclass(frozen=True, eq=False)
class Noun(Entry):
    """A noun.

    Attributes:
        gender: "m" or "f", of `pt`.
        category: the semantic class, such as "food", that verbs and adjectives select by.
        number: "count", "mass", "singular" (never plural) or "plural" (always).
        place: the English preposition of place: *at* school, *in* the kitchen.
        feminine: the word for a woman, where there is one; "" otherwise.
        pt_plural, en_plural: the plurals; regular unless the table says otherwise.
    """

    gender: str
    category: str
    number: str
    place: str
    feminine: str
    pt_plural: str
    en_plural: str

    @property
    def is_human(self) -> bool:
        return self.category in ("profession", "person", "family")

    @property
    def article(self) -> bool:
        """Whether English can put "a" before it."""
        return self.number in ("count", "singular")


@dataclass(frozen=True, eq=False)
class Verb(Entry):
    """A verb with what it takes.

    Attributes:
        pt: the infinitive, with its reflexive pronoun and preposition: "lembrar-se de".
        en: the base form, with its particle or preposition: "look for".
        frame: "transitive", "reflexive", "place", … (see `verbs.tsv`).
        subjects, objects: the nouns that make sense as its subject and object.
        flag: "stative" verbs have no progressive; "go" verbs are progressive in English.
    """

    frame: str
    subjects: tuple[Noun, ...]
    objects: tuple[Noun, ...]
    flag: str

    @functools.cached_property
    def infinitive(self) -> str:
        return self.pt.split(" ")[0].removesuffix("-se")

    @functools.cached_property
    def preposition(self) -> str:
        return self.pt.partition(" ")[2]

    @functools.cached_property
    def is_reflexive(self) -> bool:
        return self.pt.split(" ")[0].endswith("-se")

    @functools.cached_property
    def past_looks_present(self) -> bool:
        """Whether "comemos" is both *we eat* and *we ate*."""
        forms = [portuguese.conjugate(self.infinitive, t)[3] for t in ("present", "preterite")]
        return forms[0] == forms[1]


@dataclass(frozen=True, eq=False)
class Adjective(Entry):
    """An adjective: its copula ("ser" or "estar"), the nouns that it suits, and its place.

    Attributes:
        flag: "pred" if it only follows a copula, "before" if Portuguese puts it before its noun.
    """

    copula: str
    nouns: tuple[Noun, ...]
    flag: str


@dataclass(frozen=True, eq=False)
class Adverb(Entry):
    """An adverb or time expression; `kind` says which tenses and positions it suits."""

    kind: str


@dataclass(frozen=True, eq=False)
class Name(Entry):
    """A given name: the same in both languages."""

    gender: str


@dataclass(frozen=True, eq=False)
class Place(Entry):
    """A city or country; `article` is its gender if Portuguese gives it an article, else ""."""

    article: str

    @property
    def with_article(self) -> str:
        return {"m": "o ", "f": "a ", "": ""}[self.article] + self.pt


def _noun(row: dict[str, str]) -> Noun:
    plurals = [row["pt_plural"] or portuguese.plural(row["pt"]), row["en_plural"]]
    if row["number"] == "plural":
        plurals = [row["pt"], row["en"]]
    return Noun(
        row["pt"],
        row["en"],
        row["gender"],
        row["class"],
        row["number"],
        row["place"],
        row["feminine"],
        plurals[0],
        plurals[1] or english.plural(row["en"]),
    )


class ObjectIndex:
    """Which of some verbs take which nouns, and the share of them that take any."""

    def __init__(self, verbs: tuple[Verb, ...]) -> None:
        self.verbs_taking: dict[Noun, list[Verb]] = {}
        for verb in verbs:
            for noun in verb.objects:
                self.verbs_taking.setdefault(noun, []).append(verb)
        # A noun that only one verb takes would make that verb far too frequent.
        self.nouns = tuple(n for n, found in self.verbs_taking.items() if found[1:])
        self.share = sum(bool(verb.objects) for verb in verbs) / len(verbs) if self.nouns else 0


class Lexicon:
    """Every entry, grouped as the grammar asks for them."""

    def __init__(self) -> None:
        self.nouns = [_noun(row) for row in read_table("nouns.tsv")]
        self._by_name = {noun.pt: (noun,) for noun in self.nouns}
        for noun in self.nouns:
            self._by_name.setdefault(f"[{noun.category}]", ())
            self._by_name[f"[{noun.category}]"] += (noun,)
        self.verbs = [
            Verb(
                row["pt"],
                row["en"],
                row["frame"],
                self.select(row["subjects"]),
                self.select(row["objects"]),
                row["flags"],
            )
            for row in read_table("verbs.tsv")
        ]
        self.adjectives = [
            Adjective(
                row["pt"], row["en"], row["copula"], self.select(row["classes"]), row["flags"]
            )
            for row in read_table("adjectives.tsv")
        ]
        self.adverbs = [
            Adverb(row["pt"], row["en"], row["kind"]) for row in read_table("adverbs.tsv")
        ]
        self.names = [
            Name(row["name"], row["name"], row["gender"]) for row in read_table("names.tsv")
        ]
        self.cities = [Place(r["pt"], r["en"], r["article"]) for r in read_table("cities.tsv")]
        countries = read_table("countries.tsv")
        self.countries = [Place(row["pt"], row["en"], row["article"]) for row in countries]
        self.nationalities = [
            Adjective(row["nationality"], row["nationality_en"], "ser", (), "") for row in countries
        ]
        self.languages = [
            language
            for language, row in zip(self.nationalities, countries, strict=True)
            if row["language"]
        ]

    def select(self, selection: str) -> tuple[Noun, ...]:
        """Return the nouns that a list such as "food,drink,carta" (classes and nouns) names."""
        found = {}
        for word in filter(None, selection.split(",")):
            nouns = self._by_name.get(f"[{word}]") or self._by_name[word]
            found.update((noun, None) for noun in nouns)
        return tuple(found)

    @functools.cache  # noqa: B019  (one lexicon lives as long as the program)
    def category(self, *categories: str) -> tuple[Noun, ...]:
        """Return the nouns of some semantic classes."""
        return tuple(noun for noun in self.nouns if noun.category in categories)

    @functools.cache  # noqa: B019
    def frame(self, *frames: str) -> tuple[Verb, ...]:
        """Return the verbs of some frames."""
        return tuple(verb for verb in self.verbs if verb.frame in frames)

    @functools.cache  # noqa: B019
    def plain(self, *frames: str) -> tuple[Verb, ...]:
        """Return the verbs of some frames for ordinary actions: no states, no reflexives."""
        return tuple(v for v in self.frame(*frames) if not v.flag and not v.is_reflexive)

    @functools.cache  # noqa: B019
    def verbs_named(self, *names: str) -> tuple[Verb, ...]:
        """Return the verbs with these lemmas, in every frame."""
        return tuple(verb for verb in self.verbs if verb.pt in names)

    @functools.cache  # noqa: B019
    def kind(self, *kinds: str) -> tuple[Adverb, ...]:
        """Return the adverbs of some kinds."""
        return tuple(adverb for adverb in self.adverbs if adverb.kind in kinds)
