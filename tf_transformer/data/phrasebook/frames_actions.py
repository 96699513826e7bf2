"""Frames about what people, animals and things do."""

from __future__ import annotations

from tf_transformer.data.phrasebook.clause import Clause, Text
from tf_transformer.data.phrasebook.frames import Unsuitable, frame, join, sentence
from tf_transformer.data.phrasebook.grammar import Grammar, verb
from tf_transformer.data.phrasebook.phrases import NO_DETERMINER, PRONOUNS, Phrase, noun_phrase
from tf_transformer.data.phrasebook.portuguese import contract

_NEEDS_TO = ("explicar", "ditar", "recomendar", "entregar", "devolver")
_QUESTIONS = {
    "where": Text("onde", "where"),
    "when": Text("quando", "when"),
    "why": Text("porque", "why"),
    "how": Text("como", "how"),
}
_CLITICS = (
    ("me", "me"),
    ("te", "you"),
    ("nos", "us"),
    ("o", "him"),
    ("a", "her"),
    ("os", "them"),
    ("as", "them"),
)


def add_object(g: Grammar, clause: Clause) -> None:
    """Gives a clause the object that its verb asks for."""
    verb = clause.verb
    if not verb.objects:
        return
    noun = g.pick(verb.objects)
    if noun.category == "instrument" and verb.pt == "tocar":
        clause.object = Phrase(noun.pt, f"the {noun.en}")
    elif noun.is_human and g.chance(0.2):
        clause.object = g.human()
    else:
        clause.object = g.object(noun)


def action(g: Grammar, *frames: str, **features) -> Clause:
    """Makes a clause with a verb of some frames and its object."""
    clause = g.clause(g.verb(*frames), **features)
    add_object(g, clause)
    return clause


def finish(g: Grammar, clause: Clause) -> Text:
    """Says a clause as a statement, a denial or a yes-no question."""
    g.add_time(clause)
    return sentence(clause.say(), "?" if clause.question else ".")


def mood(g: Grammar) -> dict:
    """Picks affirmative, negative or question, as features of a clause."""
    return g.chooser.weighted({"say": 64, "deny": 20, "ask": 16}), {
        "say": {},
        "deny": {"negative": True},
        "ask": {"question": "yes-no"},
    }


def features(g: Grammar) -> dict:
    """Returns the features of a picked mood."""
    name, moods = mood(g)
    return moods[name]


@frame(20)
def transitive(g: Grammar) -> Text:
    return finish(g, action(g, "transitive", **features(g)))


@frame(7)
def prepositional(g: Grammar) -> Text:
    return finish(g, action(g, "prepositional", **features(g)))


@frame(7)
def intransitive(g: Grammar) -> Text:
    clause = action(g, "intransitive", "reflexive", **features(g))
    if g.chance(0.35):
        clause.rest.insert(0, g.place())
    return finish(g, clause)


@frame(4)
def to_a_place(g: Grammar) -> Text:
    return finish(g, action(g, "place", **features(g)))


@frame(4)
def with_company(g: Grammar) -> Text:
    clause = action(g, "intransitive", "transitive")
    other = g.person()
    clause.rest.insert(0, Text(contract("com", other.pt_object), f"with {other.en_object}"))
    return finish(g, clause)


@frame(3)
def somewhere(g: Grammar) -> Text:
    clause = action(g, "transitive", **features(g))
    clause.rest.insert(0, g.place())
    return finish(g, clause)


@frame(2)
def in_some_manner(g: Grammar) -> Text:
    clause = action(g, "intransitive", "reflexive", **features(g))
    clause.rest.insert(0, g.adverb_text("manner"))
    return finish(g, clause)


@frame(7)
def with_control(g: Grammar) -> Text:
    control = g.verb("infinitive", "gerund")
    main = g.verb("transitive", "intransitive", "reflexive", "prepositional", "place")
    tense = g.tense(control)
    tense = "preterite" if tense in ("perfect", "recent") else tense
    clause = g.clause(main, control=control, tense=tense, **features(g))
    add_object(g, clause)
    return finish(g, clause)


@frame(6)
def with_modal(g: Grammar) -> Text:
    main = g.verb("transitive", "intransitive", "reflexive", "prepositional", "place")
    clause = g.clause(main, tense=g.one_of("can", "should"), **features(g))
    add_object(g, clause)
    return finish(g, clause)


@frame(3)
def has_done(g: Grammar) -> Text:
    clause = g.clause(g.verb("transitive", "intransitive"), tense="pluperfect")
    clause.before = Text("já", "already")
    clause.drop = False
    add_object(g, clause)
    return finish(g, clause)


@frame(4)
def object_pronoun(g: Grammar) -> Text:
    main = g.verb("transitive")
    human = [noun.is_human for noun in main.objects]
    if " " in main.en or (any(human) and not all(human)):
        raise Unsuitable
    if all(human):
        clitic = Text(*g.one_of(*_CLITICS))
    else:
        clitic = g.one_of(Text("o", "it"), Text("a", "it"), Text("os", "them"), Text("as", "them"))
    subject = g.human() if clitic.pt in ("me", "te", "nos") else g.person()
    subject = subject if subject.person in (0, 2, 4) else g.human()
    return finish(g, g.clause(main, subject, clitic=clitic, **features(g)))


@frame(6)
def giving(g: Grammar) -> Text:
    main = g.verb("ditransitive")
    noun = g.pick(main.objects)
    if g.chance(0.5):
        clause = g.clause(main, **features(g))
        clause.object = g.object(noun, modified=0.1)
        other = g.human()
        clause.rest.insert(0, Text(contract("a", other.pt), f"to {other.en}"))
        return finish(g, clause)
    clitic, en = g.one_of(("me", "me"), ("te", "you"), ("nos", "us"))
    subject = g.one_of(g.human(), g.human(), *PRONOUNS[2:4])
    needs_to = main.pt in _NEEDS_TO
    clause = g.clause(main, subject, clitic=Text(clitic, "" if needs_to else en), **features(g))
    clause.object = g.object(noun, modified=0.1)
    if needs_to:
        clause.rest.insert(0, Text("", f"to {en}"))
    return finish(g, clause)


@frame(7)
def adverbial_question(g: Grammar) -> Text:
    word = g.one_of("where", "when", "when", "why", "why", "how")
    frames = ("transitive", "intransitive", "reflexive", "prepositional")
    tense = g.one_of("present", "preterite", "preterite", "going_to", "future")
    if word == "why":
        tense = g.one_of("present", "progressive", "preterite")
    main = g.verb(*frames)
    tense = g.tense(main) if main.flag else tense
    clause = g.clause(main, tense=tense, question="adverb", asked=_QUESTIONS[word])
    clause.rest.clear()
    add_object(g, clause)
    return sentence(clause.say(), "?")


@frame(4)
def object_question(g: Grammar) -> Text:
    main = g.verb("transitive", "prepositional")
    human = [noun.is_human for noun in main.objects]
    if any(human) and not all(human):
        raise Unsuitable
    who = all(human)
    pt = contract(main.preposition, "quem" if who else "que") if main.preposition else ""
    pt = pt or ("quem" if who else "o que")
    clause = g.clause(main, question="object", asked=Text(pt, "who" if who else "what"))
    clause.rest.clear()
    if clause.tense == "perfect":
        clause.before = Text("já", "already")
    said = clause.say()
    return sentence(said, "?")


@frame(3)
def who_did_it(g: Grammar) -> Text:
    main = g.verb("transitive", "intransitive", "reflexive", "prepositional")
    who = Phrase("quem", "who")
    tense = (
        g.tense(main) if main.flag else g.one_of("preterite", "preterite", "going_to", "present")
    )
    clause = g.clause(main, who, tense=tense)
    add_object(g, clause)
    g.add_time(clause, 0.3)
    return sentence(clause.say(), "?")


@frame(3)
def how_many(g: Grammar) -> Text:
    main = g.verb("transitive")
    nouns = [noun for noun in main.objects if noun.number == "count"]
    if not nouns:
        raise Unsuitable
    noun = g.pick(nouns)
    things = noun_phrase(noun, NO_DETERMINER, plural=True)
    word = "quantas" if things.gender == "f" else "quantos"
    tense = g.one_of("present", "preterite", "going_to") if not main.flag else "present"
    asked = Text(f"{word} {things.pt}", f"how many {things.en}")
    clause = g.clause(main, tense=tense, question="object", asked=asked)
    clause.rest.clear()
    return sentence(clause.say(), "?")


@frame(2)
def own_body(g: Grammar) -> Text:
    """ "Partiu o braço": what is one's own takes "the" in Portuguese, "his" in English."""
    main = g.pick(BODY_VERBS)
    noun = g.pick([n for n in g.words(g.lexicon.category, "body") if n.pt in _PARTS[main.pt]])
    names = {"I": "my", "you": "your", "he": "his", "she": "her", "we": "our", "they": "their"}
    subject = g.person()
    plural = noun.pt in ("mão", "pé", "dente", "olho", "dedo") or subject.is_plural
    thing = g.the(noun, plural=plural)
    whose = names.get(subject.en) or (
        "their" if subject.is_plural else {"m": "his", "f": "her"}[subject.gender]
    )
    thing = Phrase(thing.pt, thing.en.replace("the", whose, 1))
    clause = g.clause(main, subject, **features(g))
    clause.object = thing
    return finish(g, clause)


_PARTS = {
    "lavar": ("mão", "pé", "rosto", "cabelo", "dente", "braço"),
    "partir": ("braço", "perna", "dedo", "nariz", "dente", "tornozelo", "pulso"),
    "abrir": ("olho", "boca", "mão"),
    "fechar": ("olho", "boca", "mão"),
    "cortar": ("cabelo", "dedo", "mão"),
    "queimar": ("mão", "dedo", "boca", "rosto", "braço"),
    "secar": ("cabelo", "rosto", "mão"),
}
BODY_VERBS = [
    verb("lavar", "wash"),
    verb("partir", "break", "once"),
    verb("abrir", "open"),
    verb("fechar", "close"),
    verb("cortar", "cut"),
    verb("queimar", "burn", "once"),
    verb("secar", "dry"),
]


@frame(3)
def command(g: Grammar) -> Text:
    """The polite imperative ("Feche a porta, por favor.") and, by name, the familiar negative."""
    clause = Clause(Phrase("", ""), g.verb("transitive", "reflexive", "prepositional"), drop=True)
    if clause.verb.flag in ("stative", "once"):
        raise Unsuitable
    add_object(g, clause)
    clause.tense, clause.negative = "subjunctive", g.chance(0.4)
    if g.chance(0.4):
        name = g.pick(g.lexicon.names)
        clause.negative, clause.subject = True, Phrase("", "", 1)
        pt, en = f"{name.pt}, {clause.portuguese()}", f"{name.en}, {_imperative(clause)}"
        return sentence(Text(pt, en), "!")
    said = Text(clause.portuguese(), _imperative(clause))
    please = Text(", por favor", ", please") if g.chance(0.6) else Text("", "")
    return sentence(Text(said.pt + please.pt, said.en + please.en))


def _imperative(clause: Clause) -> str:
    thing = clause.object.en_object if clause.object else ""
    return join("don't" if clause.negative else "", clause.verb.en, thing).en
