"""Frames about where people and things are, what there is, and where it comes from."""

from __future__ import annotations

from tf_transformer.phrasebook.clause import Clause, Text
from tf_transformer.phrasebook.frames import Unsuitable, frame, sentence
from tf_transformer.phrasebook.frames_descriptions import gendered, statement
from tf_transformer.phrasebook.grammar import ESTAR, SER, Grammar, verb
from tf_transformer.phrasebook.lexicon import Entry, Noun
from tf_transformer.phrasebook.phrases import Phrase, named, noun_phrase
from tf_transformer.phrasebook.portuguese import agree, contract

NEXT_TO = [
    Entry("ao lado de", "next to"),
    Entry("atrás de", "behind"),
    Entry("em frente de", "in front of"),
    Entry("perto de", "near"),
    Entry("longe de", "far from"),
    Entry("à direita de", "to the right of"),
    Entry("à esquerda de", "to the left of"),
]
_UNDER = [Entry("debaixo de", "under"), Entry("em cima de", "on top of"), *NEXT_TO[:2]]
_PORTABLE = ("thing", "clothes", "reading", "device", "instrument", "food")
# What there may be, and where.
_FOUND_IN = {
    **dict.fromkeys(("animal", "nature", "vehicle", "building"), ("outdoor",)),
    **dict.fromkeys(("person", "profession", "event"), ("building", "outdoor")),
    **dict.fromkeys(("thing", "clothes", "reading", "instrument", "food"), ("furniture", "room")),
    **dict.fromkeys(("furniture", "device", "part"), ("room", "building")),
    **dict.fromkeys(("ingredient", "drink"), ("room",)),
    **dict.fromkeys(("sky", "outdoor"), ("country",)),
}
_LEARN = (verb("aprender", "learn"), verb("estudar", "study"), verb("falar", "speak"))
_UNDERSTAND = verb("compreender", "understand", "stative")
_LIVE = verb("viver", "live")


def country(g: Grammar, preposition: str, en: str) -> Text:
    """Say a country or city after a preposition: "no Brasil", "in Brazil"."""
    place = g.pick(g.lexicon.countries if g.chance(0.5) else g.lexicon.cities)
    return Text(contract(preposition, place.with_article), f"{en} {place.en}")


@frame(7)
def is_where(g: Grammar) -> Text:
    """Say "As camisas estão debaixo da cómoda."."""
    noun = g.noun(*_PORTABLE, "animal", "person", "profession", "family")
    subject = g.about(noun) if noun.number == "count" else g.the(noun)
    alive = noun.is_human or noun.category == "animal"
    if noun.is_human and g.chance(0.5):
        subject = g.person()
    tense = g.one_of("present", "present", "imperfect", "preterite" if alive else "present")
    clause = g.clause(ESTAR, subject, tense=tense, **g.features())
    if alive:
        where = g.place()
    elif g.chance(0.5):
        furniture, how = g.the(g.noun("furniture")), g.pick(_UNDER)
        where = Text(contract(how.pt, furniture.pt), f"{how.en} {furniture.en}")
    else:
        where = g.place("room", "furniture")
    clause.rest.insert(0, where)
    return statement(clause)


@frame(4)
def building_where(g: Grammar) -> Text:
    """Say "O museu fica ao lado da estação."."""
    subject, other = g.the(g.noun("building")), g.the(g.noun("building", "outdoor"))
    if subject == other:
        raise Unsuitable
    how = g.pick(NEXT_TO)
    where = Text(contract(how.pt, other.pt), f"{how.en} {other.en}")
    clause = Clause(subject, verb("ficar", "be"), rest=[where], negative=g.chance(0.2))
    return statement(clause)


@frame(9)
def there_is(g: Grammar) -> Text:
    """Say "há", "havia", "vai haver": one form in Portuguese, number agreement in English."""
    noun = g.noun(*_FOUND_IN)
    negative = g.chance(0.2)
    phrase = _found(g, noun, negative)
    tenses = {"há": ("is", "are"), "havia": ("was", "were")}
    if noun.category == "event":
        tenses = {
            "houve": ("was", "were"),
            "vai haver": ("is going to be", "are going to be"),
        }
    tense = g.one_of(*tenses)
    be = tenses[tense][phrase.is_plural]
    places = _FOUND_IN[noun.category]
    where = country(g, "em", "in") if places == ("country",) else g.place(*places)
    if tense in ("há", "havia") and not negative and g.chance(0.15):
        said = Text(f"{tense} {phrase.pt} {where.pt}", f"{be} there {phrase.en} {where.en}")
        return sentence(said, "?")
    pt, en = ("não ", "no ") if negative else ("", "")
    return sentence(
        Text(f"{pt}{tense} {phrase.pt} {where.pt}", f"there {be} {en}{phrase.en} {where.en}")
    )


def _found(g: Grammar, noun: Noun, negative: bool) -> Phrase:
    if noun.number == "singular":
        raise Unsuitable
    adjective = g.attribute(noun) if g.chance(0.3) else None
    if noun.number == "mass":
        det = g.determiner("bare") if negative else g.determiner("bare", "mass")
        return noun_phrase(noun, det, adjective=adjective)
    if negative or noun.number == "plural":
        return noun_phrase(noun, g.determiner("bare"), plural=True, adjective=adjective)
    if g.chance(0.5):
        return noun_phrase(noun, g.determiner("indefinite"), adjective=adjective)
    det = g.determiner("number", "plural")
    if det.en in ("all the", "both"):
        raise Unsuitable
    return noun_phrase(noun, det, plural=True, adjective=adjective)


@frame(3)
def where_is_it(g: Grammar) -> Text:
    """Say a question and its answer: "it", "he" or "she" comes from the question."""
    noun = g.noun("thing", "clothes", "reading", "person", "profession", "family")
    if noun.is_human and g.chance(0.5):
        subject = named(g.pick(g.lexicon.names))
    elif noun.pt in ("pessoa", "testemunha", "criança", "bebé"):
        raise Unsuitable  # he or she?
    else:
        subject = g.about(noun)
    pronoun = "it"
    if subject.is_plural:
        pronoun = "they"
    elif noun.is_human:
        pronoun = {"m": "he", "f": "she"}[subject.gender]
    where = g.place() if noun.is_human else g.place("furniture", "room")
    pt, en = ("estão", "are") if subject.is_plural else ("está", "is")
    return Text(
        f"Onde {pt} {subject.pt}? {pt.capitalize()} {where.pt}.",
        f"Where {en} {subject.en}? {pronoun.capitalize()} {en} {where.en}.",
    )


@frame(3)
def comes_from(g: Grammar) -> Text:
    """Say "O João é do Porto.", "Vivemos em Londres.", "Elas viajaram para o Japão."."""
    main = g.one_of(SER, _LIVE, verb("ir", "go", "go"), verb("viajar", "travel", "once"))
    links = {"ser": ("de", "from"), "viver": ("em", "in"), "ir": ("a", "to")}
    tense = "present" if main is SER else g.one_of("preterite", "preterite", "future")
    if main is _LIVE:
        tense = g.one_of("present", "habitual", "preterite", "going_to")
    clause = g.clause(main, g.person(), tense=tense, **g.features())
    clause.rest.insert(0, country(g, *links.get(main.pt, ("para", "to"))))
    if main not in (SER, _LIVE):
        g.add_time(clause)
    return statement(clause)


@frame(3)
def nationality(g: Grammar) -> Text:
    """Say "Ela é brasileira.", "Este vinho é francês."."""
    adjective = g.pick(g.lexicon.nationalities)
    subject = g.person()
    if g.chance(0.4):
        noun = g.noun("food", "drink", "vehicle", "reading", "clothes")
        subject = g.about(noun) if noun.number == "count" else g.the(noun)
    clause = g.clause(SER, subject, tense="present", **g.features())
    subject = gendered(g, clause)
    form = agree(adjective.pt, subject.gender, subject.is_plural)
    clause.rest.insert(0, Text(form, adjective.en))
    return statement(clause)


@frame(3)
def language(g: Grammar) -> Text:
    """Say "Falas grego?", "Estou a aprender árabe."."""
    tongue = g.pick(g.lexicon.languages)
    main = g.one_of(*_LEARN, _UNDERSTAND)
    tense = g.one_of("present", "progressive", "going_to", "preterite")
    if main is _UNDERSTAND or main.pt == "falar":
        tense = "present"
    clause = g.clause(main, g.person(), tense=tense, **g.features())
    clause.object = Phrase(tongue.pt, tongue.en)
    return statement(clause)
