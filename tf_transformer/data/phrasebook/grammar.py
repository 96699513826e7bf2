"""The parts of a sentence: subjects, objects, adjuncts, and tenses that suit a verb."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from tf_transformer.data.phrasebook.chooser import Chooser
from tf_transformer.data.phrasebook.clause import TENSES, Clause, Text
from tf_transformer.data.phrasebook.lexicon import Adjective, Adverb, Entry, Lexicon, Noun, Verb
from tf_transformer.data.phrasebook.numbers import UNITS, feminine
from tf_transformer.data.phrasebook.phrases import (
    NO_DETERMINER,
    PRONOUNS,
    Determiner,
    Phrase,
    determiner,
    named,
    noun_phrase,
)
from tf_transformer.data.phrasebook.portuguese import conjugate, contract
from tf_transformer.data.phrasebook.tables import read_table

T = TypeVar("T")
_ABSTRACT = ("subject", "sport")
_ACTION_TENSES = {
    "present": 20,
    "preterite": 24,
    "progressive": 12,
    "past_progressive": 6,
    "going_to": 12,
    "future": 8,
    "conditional": 5,
    "habitual": 5,
    "perfect": 5,
    "recent": 3,
}
_STATE_TENSES = {"present": 46, "imperfect": 28, "future": 14, "conditional": 12}
_GO_TENSES = {"going": 25, "preterite": 35, "future": 15, "conditional": 8, "habitual": 8}
_ONCE_TENSES = {"preterite": 60, "going_to": 25, "future": 15}
_ADVERBS = {
    "present": ("habit",),
    "going": ("future",),
    "progressive": ("now",),
    "preterite": ("past",),
    "going_to": ("future",),
    "future": ("future",),
    "habitual": ("former",),
}


def verb(pt: str, en: str, flag: str = "", frame: str = "") -> Verb:
    """Makes a verb that the grammar itself needs."""
    return Verb(pt, en, frame, (), (), flag)


SER, ESTAR = verb("ser", "be", "stative"), verb("estar", "be", "stative")


class Grammar:
    """Builds phrases and clauses from a lexicon, with balanced random choice.

    Args:
        lexicon: the words.
        chooser: where every choice comes from.
    """

    def __init__(self, lexicon: Lexicon, chooser: Chooser) -> None:
        self.lexicon = lexicon
        self.chooser = chooser
        self.pick, self.chance, self.one_of = chooser.pick, chooser.chance, chooser.one_of
        self._determiners: dict[str, list[Determiner]] = {}
        for row in read_table("determiners.tsv"):
            self._determiners.setdefault(row["kind"], []).append(determiner(row))
        self.adjectives_of: dict[Noun, list[Adjective]] = {noun: [] for noun in lexicon.nouns}
        for adjective in lexicon.adjectives:
            for noun in adjective.nouns:
                self.adjectives_of[noun].append(adjective)
        self._cache: dict[object, Sequence] = {}
        self.humans = lexicon.category("profession", "person", "family")

    def words(self, find: Callable[..., Sequence[T]], *names: str) -> Sequence[T]:
        """Returns `find(*names)`, remembered: g.words(g.lexicon.category, "food")."""
        key = (find.__name__, names)
        if key not in self._cache:
            self._cache[key] = find(*names)
        return self._cache[key]

    def noun(self, *categories: str) -> Noun:
        """Picks a noun of some semantic classes."""
        return self.pick(self.words(self.lexicon.category, *categories))

    def verb(self, *frames: str) -> Verb:
        """Picks a verb of some frames."""
        return self.pick(self.words(self.lexicon.frame, *frames))

    def adverb(self, *kinds: str) -> Adverb:
        """Picks an adverb of some kinds."""
        return self.pick(self.words(self.lexicon.kind, *kinds))

    def adverb_text(self, *kinds: str) -> Text:
        """Picks an adverb of some kinds, as text."""
        adverb = self.adverb(*kinds)
        return Text(adverb.pt, adverb.en)

    def determiner(self, *kinds: str) -> Determiner:
        """Picks a determiner of some kinds."""
        kind = self.one_of(*kinds)
        return NO_DETERMINER if kind == "bare" else self.pick(self._determiners[kind])

    def the(self, noun: Noun, *, plural: bool = False, woman: bool = False) -> Phrase:
        """Says a noun with its definite article, or a possessive for one's family."""
        kind = "possessive" if noun.category == "family" else "definite"
        return noun_phrase(noun, self.determiner(kind), plural=plural, woman=woman)

    def human(self) -> Phrase:
        """Says a person by name or noun."""
        if self.chance(0.25):
            return named(self.pick(self.lexicon.names))
        return self.about(self.pick(self.humans))

    def about(self, noun: Noun) -> Phrase:
        """Says a noun that the listener knows: "the teacher", "my teachers", "this dog"."""
        kinds = ("definite", "definite", "demonstrative", "possessive")
        kind = "possessive" if noun.category == "family" else self.one_of(*kinds)
        return noun_phrase(
            noun, self.determiner(kind), plural=self.chance(0.25), woman=self.chance(0.5)
        )

    def pronoun(self) -> Phrase:
        """Says a subject pronoun."""
        return self.one_of(*PRONOUNS)

    def person(self) -> Phrase:
        """Says a person: by pronoun, name or noun."""
        return self.pronoun() if self.chance(0.45) else self.human()

    def subject(self, verb: Verb) -> Phrase:
        """Says a subject that makes sense with a verb."""
        animals = [noun for noun in verb.subjects if not noun.is_human]
        if not animals or (len(animals) < len(verb.subjects) and self.chance(0.75)):
            return self.person()
        return self.about(self.pick(animals))

    def adjective(self, noun: Noun) -> Adjective | None:
        """Picks an adjective that can stand beside a noun, if there is one."""
        found = [a for a in self.adjectives_of[noun] if a.flag != "pred"]
        return self.pick(found) if found else None

    def object(self, noun: Noun, *, modified: float = 0.22) -> Phrase:
        """Says a noun as an object, with a determiner and now and then an adjective.

        Args:
            noun: the noun.
            modified: the probability of an adjective.
        """
        if noun.category in _ABSTRACT:
            return noun_phrase(noun)
        adjective = self.adjective(noun) if self.chance(modified) else None
        woman = self.chance(0.5)
        if noun.category == "family":
            return noun_phrase(noun, self.determiner("possessive"), woman=woman)
        if noun.number == "mass":
            kinds = ("bare", "bare", "definite", "definite", "demonstrative", "possessive", "mass")
            return noun_phrase(noun, self.determiner(*kinds), adjective=adjective)
        if noun.number != "count" or self.chance(0.6):
            kinds = ("definite", "definite", "indefinite", "possessive", "demonstrative")
            kind = self.one_of(*kinds)
            if kind == "indefinite" and noun.number != "count":
                kind = "definite"
            return noun_phrase(noun, self.determiner(kind), adjective=adjective, woman=woman)
        if self.chance(0.25):
            det = self.determiner("singular", "ordinal", "ordinal")
            return noun_phrase(noun, det, adjective=adjective, woman=woman)
        return self.many(noun, adjective, woman)

    def many(self, noun: Noun, adjective: Adjective | None = None, woman: bool = False) -> Phrase:
        """Says several of a noun: "cats", "the cats", "three cats", "many cats"."""
        kind = self.one_of("bare", "bare", "definite", "possessive", "plural", "number")
        det = self.number() if kind == "number" else self.determiner(kind)
        return noun_phrase(noun, det, plural=True, adjective=adjective, woman=woman)

    def number(self) -> Determiner:
        """Picks a number from two to twenty as a determiner."""
        return number_determiner(self.pick(UNITS[1:]))

    def place(self, *categories: str) -> Text:
        """Says where: "na cozinha", "in the kitchen"."""
        noun = self.noun(*(categories or ("room", "building", "outdoor")))
        return self.at(noun, self.about(noun) if noun.number == "count" else self.the(noun))

    def at(self, noun: Noun, phrase: Phrase) -> Text:
        """Says in, at or on a place."""
        return Text(contract("em", phrase.pt), f"{noun.place or 'in'} {phrase.en}")

    def tense(self, verb: Verb) -> str:
        """Picks a tense that suits a verb."""
        weights = {"stative": _STATE_TENSES, "go": _GO_TENSES, "once": _ONCE_TENSES}
        return self.chooser.weighted(weights.get(verb.flag, _ACTION_TENSES))

    def clause(self, verb: Verb, subject: Phrase | None = None, **features) -> Clause:
        """Makes a clause whose tense suits the verb and whose subject may be dropped."""
        subject = subject or self.subject(verb)
        features.setdefault("tense", self.tense(features.get("control") or verb))
        clause = Clause(subject, verb, **features)
        self.settle(clause)
        return clause

    def settle(self, clause: Clause) -> None:
        """Mends what Portuguese would not say, or would say like something else."""
        hosts = [v for v in (clause.control, clause.verb) if v]
        clitic = any(v.is_reflexive for v in hosts) or clause.clitic
        if clause.tense == "perfect" and not clause.negative and not clause.before:
            options = [Text("já", "already"), Text("nunca", "never")]
            clause.before = options[0] if clause.question else self.one_of(*options)
        if clitic and clause.tense in ("future", "conditional") and not clause.negative:
            clause.tense = "going_to"  # no mesoclisis: "levantar-me-ei" is hardly said
        person, form = clause.subject.person, TENSES[clause.tense]
        forms = conjugate(form.pt_auxiliary or hosts[0].infinitive, form.pt_tense)
        unclear = person in (2, 4) or forms[person] == forms[2] or clause.question == "yes-no"
        clause.drop = (not unclear and self.chance(0.6)) and clause.subject in PRONOUNS
        if clause.tense == "preterite" and person == 3 and hosts[0].past_looks_present:
            clause.rest.append(self.adverb_text("past"))

    def add_time(self, clause: Clause, probability: float = 0.5) -> None:
        """Adds a time expression or frequency adverb that suits the tense."""
        if clause.tense == "perfect" or not self.chance(probability):
            return
        if clause.tense == "preterite" and any(
            "passad" in t.pt or "ontem" in t.pt for t in clause.rest
        ):
            return
        if clause.tense == "present" and not clause.negative and self.chance(0.5):
            if self.chance(0.3):
                clause.after = self.adverb_text("frequency_after")
            else:
                clause.before = self.adverb_text("frequency_before")
        elif clause.tense in _ADVERBS:
            clause.rest.append(self.adverb_text(*_ADVERBS[clause.tense]))


def number_determiner(number: Entry) -> Determiner:
    """Makes a plural determiner of a number."""
    forms = {("m", True): number.pt, ("f", True): feminine(number.pt)}
    return Determiner(number.pt, number.en, "number", forms, ("", number.en))
