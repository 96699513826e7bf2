"""The parts of a sentence: subjects, objects, adjuncts, and tenses that suit a verb."""

from __future__ import annotations

from tf_transformer.phrasebook.chooser import Chooser
from tf_transformer.phrasebook.clause import TENSES, Clause, Text
from tf_transformer.phrasebook.lexicon import (
    Adjective,
    Entry,
    Lexicon,
    Noun,
    ObjectIndex,
    Verb,
)
from tf_transformer.phrasebook.numbers import UNITS, feminine
from tf_transformer.phrasebook.phrases import (
    NO_DETERMINER,
    PRONOUNS,
    Determiner,
    Phrase,
    determiner,
    named,
    noun_phrase,
)
from tf_transformer.phrasebook.portuguese import conjugate, contract
from tf_transformer.phrasebook.tables import read_table, words

# The tenses that suit a verb, by its flag; the weights are relative.
_TENSES = {
    "": {
        "present": 20,
        "preterite": 24,
        "progressive": 12,
        "past_progressive": 6,
        "going_to": 12,
        "future": 8,
        "conditional": 5,
        "habitual": 5,
        "perfect": 6,
        "recent": 3,
    },
    "stative": {"present": 46, "imperfect": 28, "future": 14, "conditional": 12},
    "go": {"going": 25, "preterite": 35, "future": 15, "conditional": 8, "habitual": 8},
    "once": {"preterite": 60, "going_to": 25, "future": 15},
}
# The time expressions that suit a tense.
_TIMES = {
    "present": "habit",
    "going": "future",
    "progressive": "now",
    "preterite": "past",
    "going_to": "future",
    "future": "future",
    "habitual": "former",
}
# People that one calls one's own.
_OWN_PEOPLE = frozenset(
    words(
        "vizinho amigo colega cliente convidado chefe líder inimigo professor aluno médico "
        "dentista advogado secretário treinador contabilista psicólogo guia tradutor "
        "cabeleireiro"
    )
)
_ABSTRACT = ("subject", "sport", "quality")
_PARTNERS = ("marido", "esposa", "namorado", "namorada")


def verb(pt: str, en: str, flag: str = "") -> Verb:
    """Make a verb that only a frame needs."""
    return Verb(pt, en, "", (), (), flag)


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
        self._adjectives: dict[Noun, list[Adjective]] = {noun: [] for noun in lexicon.nouns}
        for adjective in lexicon.adjectives:
            for noun in adjective.nouns:
                self._adjectives[noun].append(adjective)
        self._objects: dict[tuple[Verb, ...], ObjectIndex] = {}

    # Words.

    def noun(self, *categories: str) -> Noun:
        """Pick a noun of some semantic classes."""
        return self.pick(self.lexicon.category(*categories))

    def text(self, *kinds: str) -> Text:
        """Pick an adverb of some kinds, as text."""
        adverb = self.pick(self.lexicon.kind(*kinds))
        return Text(adverb.pt, adverb.en)

    def attribute(self, noun: Noun) -> Adjective | None:
        """Pick an adjective that can modify a noun, if there is one."""
        found = [a for a in self._adjectives[noun] if a.flag != "pred"]
        return self.pick(found) if found else None

    def predicate(self, noun: Noun) -> Adjective | None:
        """Pick an adjective that can follow a copula, if there is one."""
        found = [a for a in self._adjectives[noun] if a.flag != "attributive"]
        return self.pick(found) if found else None

    def determiner(self, *kinds: str) -> Determiner:
        """Pick a determiner of some kinds; a kind named twice is twice as likely."""
        kind = self.one_of(*kinds)
        if kind == "number":
            return number_determiner(self.pick(UNITS[1:12]))
        return NO_DETERMINER if kind == "bare" else self.pick(self._determiners[kind])

    # Noun phrases.

    def the(self, noun: Noun, *, plural: bool = False, woman: bool = False) -> Phrase:
        """Say a noun with its definite article, or a possessive for one's family.

        English has no article before subjects, sports and qualities: "A música é fácil.".
        """
        if noun.category in _ABSTRACT:
            pt = noun_phrase(noun, self.determiner("definite")).pt
            return Phrase(pt, noun.en, gender=noun.gender)
        det = self.determiner("possessive" if noun.category == "family" else "definite")
        if noun.pt in _PARTNERS:
            while det.en in ("our", "their") or "vosso" in det.pt:
                det = self.determiner("possessive")
        return noun_phrase(noun, det, plural=plural, woman=woman)

    def about(self, noun: Noun, *, plural: float = 0.25) -> Phrase:
        """Say a noun that the listener knows: "the teacher", "my cats", "this bridge".

        Args:
            noun: the noun.
            plural: the probability of a plural.
        """
        if noun.category == "family":
            return self.the(noun)
        kinds = ["definite", "definite", "demonstrative"]
        if not noun.is_human or noun.pt in _OWN_PEOPLE:
            kinds.append("possessive")
        many, woman = self.chance(plural), self.chance(0.5)
        return noun_phrase(noun, self.determiner(*kinds), plural=many, woman=woman)

    def human(self) -> Phrase:
        """Say a person by name or noun."""
        if self.chance(0.25):
            return named(self.pick(self.lexicon.names))
        return self.about(self.noun("profession", "person", "family"))

    def person(self) -> Phrase:
        """Say a person: by pronoun, name or noun."""
        return self.one_of(*PRONOUNS) if self.chance(0.42) else self.human()

    def subject(self, verb: Verb) -> Phrase:
        """Say a subject that makes sense with a verb."""
        others = [noun for noun in verb.subjects if not noun.is_human]
        if not others or (len(others) < len(verb.subjects) and self.chance(0.75)):
            return self.person()
        return self.about(self.pick(others))

    def thing(self, noun: Noun, *, modified: float = 0.27) -> Phrase:
        """Say a noun with any determiner that suits it and now and then an adjective.

        Args:
            noun: the noun.
            modified: the probability of an adjective.
        """
        if noun.category in _ABSTRACT:
            return noun_phrase(noun)
        if noun.category == "family":
            return self.the(noun)
        features = {
            "adjective": self.attribute(noun) if self.chance(modified) else None,
            "woman": self.chance(0.5),
        }
        kinds = ["definite", "definite", "demonstrative"]
        if not noun.is_human or noun.pt in _OWN_PEOPLE:
            kinds.append("possessive")
        if noun.number == "mass":
            kinds += ["bare", "bare", "mass"]
        elif noun.number == "count":
            if self.chance(0.3):
                kinds = ["bare", "bare", "definite", "plural"]
                kinds += ["plural", "bare"] if noun.is_human else ["number", "possessive"]
                features["plural"] = True
            else:
                kinds += ["indefinite", "indefinite", "singular"]
                kinds += [] if noun.is_human else ["ordinal"]
        return noun_phrase(noun, self.determiner(*kinds), **features)

    def place(self, *categories: str) -> Text:
        """Say where: "na cozinha", "in the kitchen"; by default also "aqui", "here"."""
        if not categories and self.chance(0.15):
            return self.text("place")
        noun = self.noun(*(categories or ("room", "building", "outdoor")))
        kind = self.one_of("definite", "definite", "demonstrative")
        phrase = noun_phrase(noun, self.determiner(kind))
        return Text(contract("em", phrase.pt), f"{noun.place or 'in'} {phrase.en}")

    # Clauses.

    def act(
        self,
        *frames: str,
        among: tuple[Verb, ...] = (),
        subject: Phrase | None = None,
        **features: object,
    ) -> Clause:
        """Make a clause with its object, and a verb of some frames, or among some verbs."""
        verbs = among or self.lexicon.frame(*frames)
        verb, noun = self._verb_and_object(verbs)
        clause = self.clause(verb, subject, **features)
        if noun:
            clause.object = self.object(verb, noun)
        return clause

    def _verb_and_object(self, verbs: tuple[Verb, ...]) -> tuple[Verb, Noun | None]:
        if verbs not in self._objects:
            self._objects[verbs] = ObjectIndex(verbs)
        index = self._objects[verbs]
        if self.chance(0.5 * index.share):  # so that nouns that few verbs take occur too
            noun = self.pick(index.nouns)
            return self.pick(index.verbs_taking[noun]), noun
        verb = self.pick(verbs)
        return verb, self.pick(verb.objects) if verb.objects else None

    def object(self, verb: Verb, noun: Noun) -> Phrase:
        """Say a noun as the object of a verb."""
        if verb.pt == "tocar" and noun.category == "instrument":
            return Phrase(noun.pt, f"the {noun.en}")
        return self.thing(noun)

    def clause(self, verb: Verb, subject: Phrase | None = None, **features: object) -> Clause:
        """Make a clause whose tense suits the verb and whose subject may be dropped."""
        subject = subject or self.subject(verb)
        if "tense" not in features:
            flag = (features.get("control") or verb).flag
            features["tense"] = self.chooser.weighted(_TENSES[flag])
        asked, denied = features.get("question"), features.get("negative")
        if (asked and subject.person == 0) or (asked == "yes-no" and subject.person == 3):
            subject = self.one_of(PRONOUNS[1], PRONOUNS[5])  # nobody asks "Do I sleep?"
        if features["tense"] == "recent" and (asked or denied):
            features["tense"] = "perfect"
        clause = Clause(subject, verb, **features)
        self._settle(clause)
        return clause

    def _settle(self, clause: Clause) -> None:
        """Repair what Portuguese does not say, or what would be ambiguous in it."""
        verbs = [v for v in (clause.control, clause.verb) if v]
        if clause.tense == "perfect" and not clause.negative and not clause.before:
            never = not clause.question and self.chance(0.5)
            clause.before = Text("nunca", "never") if never else Text("já", "already")
        clitic = clause.clitic or any(v.is_reflexive for v in verbs)
        if clitic and clause.tense in ("future", "conditional") and not clause.negative:
            clause.tense = "going_to"  # no mesoclisis: "levantar-me-ei" is hardly said
        person, tense = clause.subject.person, TENSES[clause.tense]
        forms = conjugate(tense.pt_auxiliary or verbs[0].infinitive, tense.pt_tense)
        clear = person in (0, 1, 3) and forms[person] != forms[2]
        clause.drop = clear and clause.subject in PRONOUNS and self.chance(0.6)
        if clause.tense == "preterite" and person == 3 and verbs[0].past_looks_present:
            clause.rest.append(self.text("past"))

    def add_time(self, clause: Clause, probability: float = 0.65) -> None:
        """Add a time expression or frequency adverb that suits the tense."""
        if clause.tense == "present" and (clause.control or clause.verb).flag == "stative":
            return
        has_past = clause.tense == "preterite" and clause.rest and _looks_past(clause)
        if has_past or clause.tense not in _TIMES or not self.chance(probability):
            return
        if clause.tense == "present" and not clause.negative and self.chance(0.5):
            if self.chance(0.3):
                clause.after = self.text("frequency_after")
            else:
                clause.before = self.text("frequency_before")
        else:
            clause.rest.append(self.text(_TIMES[clause.tense]))

    def features(self) -> dict[str, bool | str]:
        """Pick affirmation, denial or a yes-no question, as features of a clause."""
        mood = self.chooser.weighted({"say": 64, "deny": 20, "ask": 16})
        return {
            "say": {},
            "deny": {"negative": True},
            "ask": {"question": "yes-no"},
        }[mood]


def _looks_past(clause: Clause) -> bool:
    return clause.subject.person == 3 and (clause.control or clause.verb).past_looks_present


def number_determiner(number: Entry) -> Determiner:
    """Make a plural determiner of a number."""
    forms = {("m", True): number.pt, ("f", True): feminine(number.pt)}
    return Determiner(number.pt, number.en, "number", forms, ("", number.en))
