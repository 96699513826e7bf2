"""Clauses: who does what, when; one meaning, said in both languages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from tf_transformer.phrasebook import english
from tf_transformer.phrasebook.lexicon import Verb
from tf_transformer.phrasebook.phrases import Phrase
from tf_transformer.phrasebook.portuguese import (
    REFLEXIVES,
    conjugate,
    contract,
    enclitic,
    participle,
)


class Text(NamedTuple):
    """The same words in both languages."""

    pt: str
    en: str


class Tense(NamedTuple):
    """How each language says a tense: auxiliary, its form, and what links it to the verb."""

    pt_auxiliary: str
    pt_tense: str
    pt_link: str
    en_auxiliary: str
    en_tense: str
    en_link: str
    en_form: str


TENSES = {
    "present": Tense("", "present", "", "", "present", "", ""),
    "preterite": Tense("", "preterite", "", "", "past", "", ""),
    "imperfect": Tense("", "imperfect", "", "", "past", "", ""),
    "habitual": Tense("", "imperfect", "", "", "past", "", ""),
    "progressive": Tense("estar", "present", "a", "be", "present", "", "ing"),
    "past_progressive": Tense("estar", "imperfect", "a", "be", "past", "", "ing"),
    "going_to": Tense("ir", "present", "", "be", "present", "going to", "base"),
    "future": Tense("", "future", "", "will", "present", "", "base"),
    "conditional": Tense("", "conditional", "", "would", "present", "", "base"),
    "perfect": Tense("", "preterite", "", "have", "present", "", "participle"),
    "pluperfect": Tense("ter", "imperfect", "participle", "have", "past", "", "participle"),
    "recent": Tense("acabar", "present", "de", "have", "present", "just", "participle"),
    "can": Tense("poder", "present", "", "can", "present", "", "base"),
    "should": Tense("dever", "present", "", "should", "present", "", "base"),
    "subjunctive": Tense("", "subjunctive", "", "", "present", "", ""),
    "future_subjunctive": Tense("", "future_subjunctive", "", "", "present", "", ""),
    "imperfect_subjunctive": Tense("", "imperfect_subjunctive", "", "", "past", "", ""),
    # "Vou ao mercado": verbs of going are progressive in English.
    "going": Tense("", "present", "", "be", "present", "", "ing"),
    # "Moro aqui há dez anos": what still goes on is perfect in English.
    "since": Tense("", "present", "", "have", "present", "", "participle"),
}


@dataclass
class Clause:
    """A clause, which can be said in both languages.

    Attributes:
        subject: who or what does it.
        verb: the verb.
        tense: a key of `TENSES`.
        object: what follows the verb, after its preposition if it has one.
        clitic: a Portuguese object pronoun ("o", "me", …) with its English ("him", "me").
        control: a verb that takes the main verb's infinitive ("querer", "gostar de").
        negative: whether it is denied.
        question: "", "yes-no", or a question word's kind: "adverb" or "object".
        asked: the question word.
        before: an adverb before the Portuguese verb, in the middle of the English clause.
        after: an adverb after the Portuguese verb, in the middle of the English clause.
        drop: whether Portuguese leaves its subject out.
        subordinate: whether a conjunction draws clitics before the verb.
        rest: what follows, in order.
    """

    subject: Phrase
    verb: Verb
    tense: str = "present"
    object: Phrase | None = None
    clitic: Text | None = None
    control: Verb | None = None
    negative: bool = False
    question: str = ""
    asked: Text | None = None
    before: Text | None = None
    after: Text | None = None
    drop: bool = False
    subordinate: bool = False
    rest: list[Text] = field(default_factory=list)

    def say(self) -> Text:
        """Say the clause in both languages, without capital or full stop."""
        return Text(self.portuguese(), self.english())

    def portuguese(self) -> str:
        words = [self.asked.pt, "é que"] if self.asked else []
        if not self.drop:
            words.append(self.subject.pt)
        if self.negative:
            words.append("ainda não" if self.tense == "perfect" else "não")
        if self.before:
            words.append(self.before.pt)
        words.append(self._portuguese_verbs())
        if self.object:
            phrase = self.object.pt_object if self.verb.preposition else self.object.pt
            preposition = self.verb.preposition
            words.append(contract(preposition, phrase) if preposition else phrase)
        words += [text.pt for text in self.rest]
        return " ".join(filter(None, words))

    def _portuguese_verbs(self) -> str:
        tense, person = TENSES[self.tense], self.subject.person
        chain = [
            (v.infinitive, self._clitic(v), v.preposition) for v in (self.control, self.verb) if v
        ]
        if tense.pt_auxiliary:
            chain.insert(0, (tense.pt_auxiliary, "", tense.pt_link))
        words, attracts = [], self._attracts_clitics
        link = tense.pt_link
        for i, (infinitive, clitic, preposition) in enumerate(chain):
            if i == 0:
                form = conjugate(infinitive, tense.pt_tense)[person]
                host = tense.pt_link == "participle" and self._clitic(self.verb)
                clitic = host or clitic
                words.append(f"{clitic} {form}" if clitic and attracts else _hang(form, clitic))
                if self.after:
                    words.append(self.after.pt)
            elif i == 1 and link == "participle":
                words.append(participle(infinitive))
            else:
                words.append(_hang(infinitive, clitic))
            if i + 1 < len(chain) and preposition != "participle":
                words.append(preposition)
        return " ".join(filter(None, words))

    def _clitic(self, verb: Verb) -> str:
        if verb.is_reflexive:
            return REFLEXIVES[self.subject.person]
        return self.clitic.pt if self.clitic and verb is self.verb else ""

    @property
    def _attracts_clitics(self) -> bool:
        who = self.subject.pt.split(" ")[0]
        return bool(
            self.negative or self.before or self.asked or self.subordinate or who in _ATTRACTORS
        )

    def english(self) -> str:
        finite, nonfinite = self._english_verbs()
        middle = self.before or self.after
        middle = middle.en if middle else ""
        subject = self.subject.en
        if self.negative and finite:
            finite = english.negate(finite)
        words = [self.asked.en] if self.asked else []
        words += [finite, subject] if self.question else [subject, finite]
        words += [middle, nonfinite]
        if self.clitic:
            words.append(self.clitic.en)
        if self.object and self.question != "object":
            words.append(self.object.en_object)
        words += [text.en for text in self.rest]
        if self.negative and self.tense == "perfect":
            words.append("yet")
        return " ".join(filter(None, words))

    def _english_verbs(self) -> tuple[str, str]:
        """Return the auxiliary, or "" where there is none, and the rest of the verb group."""
        tense, agreement = TENSES[self.tense], self.subject.agreement
        chain = [verb.en for verb in (self.control, self.verb) if verb]
        forms = ["ing" if self.control and self.control.frame == "gerund" else "base"]
        if self.tense == "habitual":
            chain, forms = ["use to", *chain], ["base", *forms]
        first, others = chain[0], chain[1:]
        tail = [english.inflect(v, f) for v, f in zip(others, forms, strict=False)]
        if tense.en_auxiliary:
            auxiliary = english.finite(tense.en_auxiliary, tense.en_tense, agreement)
            return auxiliary, _join(tense.en_link, english.inflect(first, tense.en_form), *tail)
        form = english.finite(first, tense.en_tense, agreement)
        if first.split(" ")[0] == "be":
            auxiliary, _, rest = form.partition(" ")
            return auxiliary, _join(rest, *tail)
        if self.negative or self.question:
            return english.finite("do", tense.en_tense, agreement), _join(first, *tail)
        return "", _join(form, *tail)


_ATTRACTORS = (
    "quem",
    "que",
    "todos",
    "todas",
    "ambos",
    "ambas",
    "cada",
    "poucos",
    "poucas",
    "alguém",
)


def _hang(form: str, clitic: str) -> str:
    return enclitic(form, clitic) if clitic else form


def _join(*words: str) -> str:
    return " ".join(filter(None, words))
