"""Frames about what people and things are like, where they are and whose they are."""

from __future__ import annotations

from tf_transformer.data.phrasebook import english
from tf_transformer.data.phrasebook.clause import Clause, Text
from tf_transformer.data.phrasebook.frames import Unsuitable, frame, join, sentence
from tf_transformer.data.phrasebook.frames_actions import features
from tf_transformer.data.phrasebook.grammar import ESTAR, SER, Grammar, verb
from tf_transformer.data.phrasebook.lexicon import Adjective, Entry, Noun
from tf_transformer.data.phrasebook.numbers import HUNDREDS, TENS, UNITS, feminine, two_digits
from tf_transformer.data.phrasebook.phrases import Phrase, named, noun_phrase, owned
from tf_transformer.data.phrasebook.portuguese import agree, contract

FICAR = verb("ficar", "become", "once")
PARECER = verb("parecer", "seem", "stative")
SENTIR_SE = verb("sentir-se", "feel", "")
CUSTAR = verb("custar", "cost", "stative")
PREPOSITIONS = [
    Entry("ao lado de", "next to"),
    Entry("atrás de", "behind"),
    Entry("em frente de", "in front of"),
    Entry("perto de", "near"),
    Entry("longe de", "far from"),
    Entry("à direita de", "to the right of"),
    Entry("à esquerda de", "to the left of"),
]
ON_FURNITURE = [
    Entry("debaixo de", "under"),
    Entry("atrás de", "behind"),
    Entry("ao lado de", "next to"),
    Entry("em cima de", "on top of"),
]
_PORTABLE = ("thing", "clothes", "reading", "device", "instrument")
_GOODS = ("clothes", "thing", "device", "furniture", "vehicle", "instrument", "reading")


def copula(g: Grammar, subject: Phrase, adjective: Adjective, **more) -> Clause:
    """Makes a clause that says what its subject is like."""
    be = ESTAR if adjective.copula == "estar" else SER
    tenses = {"present": 56, "imperfect": 28, "future": 8, "conditional": 4}
    clause = g.clause(be, subject, tense=g.chooser.weighted(tenses), **more)
    clause.rest.insert(0, quality(g, subject, adjective))
    return clause


def quality(g: Grammar, subject: Phrase, adjective: Adjective, degree: float = 0.35) -> Text:
    """Says an adjective that agrees with a subject, now and then with its degree."""
    form = Text(agree(adjective.pt, subject.gender, subject.is_plural), adjective.en)
    return join(g.adverb_text("degree"), form) if g.chance(degree) else form


def gendered(g: Grammar, phrase: Phrase) -> Phrase:
    """Lets "eu", "tu", "nós" and "vocês" be women half of the time."""
    if phrase.pt in ("eu", "tu", "nós", "vocês") and g.chance(0.5):
        return Phrase(phrase.pt, phrase.en, phrase.person, "f", phrase.agreement)
    return phrase


def describable(g: Grammar) -> tuple[Noun, Adjective]:
    """Picks a noun and an adjective that suits it."""
    while True:
        adjective = g.pick(g.lexicon.adjectives)
        if adjective.nouns:
            return g.pick(adjective.nouns), adjective


def subject_like(g: Grammar, noun: Noun) -> Phrase:
    """Says who or what is described: the noun, or any person if it is a person."""
    if noun.is_human and g.chance(0.6):
        return gendered(g, g.pronoun()) if g.chance(0.5) else named(g.pick(g.lexicon.names))
    return g.about(noun) if noun.number == "count" else g.the(noun)


@frame(17)
def is_like(g: Grammar) -> Text:
    noun, adjective = describable(g)
    clause = copula(g, subject_like(g, noun), adjective, **features(g))
    clause.drop = clause.drop and clause.subject.person != 2
    return sentence(clause.say(), "?" if clause.question else ".")


@frame(3)
def becomes(g: Grammar) -> Text:
    states = [a for a in g.lexicon.adjectives if a.copula == "estar" and a.nouns[0].is_human]
    adjective = g.pick(states)
    subject = gendered(g, g.person())
    main = g.one_of(FICAR, FICAR, PARECER, SENTIR_SE)
    if adjective.en in ("dead", "alive", "seated", "armed", "awake"):
        main = PARECER
    tense = (
        g.one_of("present", "imperfect") if main is PARECER else g.one_of("preterite", "going_to")
    )
    if main is SENTIR_SE:
        tense = "present"
    clause = g.clause(main, subject, tense=tense, negative=g.chance(0.2))
    clause.rest.insert(0, quality(g, subject, adjective))
    return sentence(clause.say())


@frame(6)
def this_is(g: Grammar) -> Text:
    """ "Esta é uma casa moderna.", "Estes livros são vermelhos.", "Que casa tão bonita!"."""
    noun, adjective = describable(g)
    if adjective.flag == "pred" or noun.number != "count" or noun.category == "family":
        raise Unsuitable
    kind = g.one_of("have", "see", "what", "this")
    many = g.chance(0.3)
    phrase = noun_phrase(
        noun,
        g.determiner("bare" if many else "indefinite"),
        plural=many,
        adjective=adjective,
        woman=g.chance(0.5),
    )
    if kind == "what" and not many:
        pt = phrase.pt.split(" ", 1)[1]
        return sentence(Text(f"que {pt}", f"what {phrase.en}"), "!")
    det = g.determiner("demonstrative")
    word = Phrase(
        det.forms[phrase.gender, many],
        det.en_forms[many],
        phrase.person,
        phrase.gender,
        phrase.agreement,
    )
    clause = Clause(word, SER, g.one_of("present", "present", "imperfect"))
    clause.negative = g.chance(0.25)
    clause.object = phrase
    return sentence(clause.say())


def comparable(g: Grammar) -> Adjective:
    """Picks an adjective that compares."""
    return g.pick(g.words(_comparable, g.lexicon)) if False else g.pick(_comparable(g))


def _comparable(g: Grammar) -> list[Adjective]:
    def find() -> list[Adjective]:
        return [
            a
            for a in g.lexicon.adjectives
            if a.copula == "ser" and not a.flag and len(a.nouns) > 12 and a.en not in _ABSOLUTE
        ]

    return g.words(find)


_ABSOLUTE = frozenset(
    "perfect square golden single final annual official municipal international personal weekly "
    "public private impossible necessary true false blind deaf bald marine domestic underground "
    "scientific political economic red blue yellow white black green brown grey purple pink "
    "vegetarian nocturnal excellent fantastic classic central huge giant gigantic secret".split()
)


def _more(adjective: Adjective, subject: Phrase) -> str:
    form = agree(adjective.pt, subject.gender, subject.is_plural)
    if adjective.pt == "grande":
        return "maiores" if subject.is_plural else "maior"
    return f"mais {form}"


@frame(6)
def comparison(g: Grammar) -> Text:
    adjective = comparable(g)
    noun = g.pick(adjective.nouns)
    others = [n for n in adjective.nouns if n.category == noun.category and n is not noun]
    if noun.is_human:
        subject, other = gendered(g, g.person()), g.human()
    elif noun.number != "count" or not others:
        raise Unsuitable
    else:
        subject, other = g.about(noun), g.about(g.pick(others))
    if subject.pt == other.pt:
        raise Unsuitable
    clause = g.clause(SER, subject, tense=g.one_of("present", "present", "imperfect"))
    form = agree(adjective.pt, subject.gender, subject.is_plural)
    kind = g.one_of("more", "more", "as", "not as")
    if kind == "more":
        words = Text(
            f"{_more(adjective, subject)} do que {other.pt}",
            f"{english.compare(adjective.en, 'comparative')} than {other.en_object}",
        )
    else:
        clause.negative = kind == "not as"
        words = Text(f"tão {form} como {other.pt}", f"as {adjective.en} as {other.en_object}")
    clause.rest.insert(0, words)
    return sentence(clause.say())


@frame(4)
def superlative(g: Grammar) -> Text:
    adjective = comparable(g)
    noun = g.pick([n for n in adjective.nouns if n.number == "count"])
    the = g.words(g._determiners.__getitem__, "definite")[0]
    if noun.is_human:
        subject = named(g.pick(g.lexicon.names))
        best = noun_phrase(
            noun, the, woman=subject.gender == "f", adjective=adjective, degree="superlative"
        )
        if best.gender != subject.gender and not noun.feminine:
            raise Unsuitable
    else:
        det = g.determiner("demonstrative")
        subject = noun_phrase(noun, det)
        best = noun_phrase(noun, the, adjective=adjective, degree="superlative")
        subject = Phrase(det.forms[noun.gender, False], det.en_forms[0], 2, noun.gender)
    where = g.noun("room", "building", "outdoor")
    place = g.the(where)
    clause = Clause(subject, SER, g.one_of("present", "imperfect"), object=best)
    scope = Text(contract("de", place.pt), f"{where.place or 'in'} {place.en}")
    clause.rest.append(scope)
    return sentence(clause.say())


@frame(6)
def is_where(g: Grammar) -> Text:
    noun = g.noun(*_PORTABLE, "animal", "person", "profession", "family", "food")
    subject = g.about(noun) if noun.number != "mass" else g.the(noun)
    if noun.is_human and g.chance(0.5):
        subject = g.person()
    tense = g.one_of("present", "present", "present", "imperfect", "preterite")
    clause = g.clause(ESTAR, subject, tense=tense, **features(g))
    if noun.is_human or noun.category == "animal":
        clause.rest.insert(0, g.place())
    elif g.chance(0.5):
        where = g.the(g.noun("furniture"))
        how = g.pick(ON_FURNITURE)
        clause.rest.insert(0, Text(contract(how.pt, where.pt), f"{how.en} {where.en}"))
    else:
        clause.rest.insert(0, g.place("room", "furniture", "vehicle"))
    return sentence(clause.say(), "?" if clause.question else ".")


@frame(4)
def building_where(g: Grammar) -> Text:
    subject = g.the(g.noun("building"))
    other = g.the(g.noun("building", "outdoor"))
    how = g.pick(PREPOSITIONS)
    where = Text(contract(how.pt, other.pt), f"{how.en} {other.en}")
    if subject.pt == other.pt:
        raise Unsuitable
    if g.chance(0.2):
        return sentence(join(Text("onde fica", "where is"), Text(subject.pt, subject.en)), "?")
    clause = Clause(subject, verb("ficar", "be"), "present", rest=[where])
    clause.negative = g.chance(0.2)
    return sentence(clause.say())


@frame(8)
def there_is(g: Grammar) -> Text:
    """Há, havia, vai haver: one form in Portuguese, number agreement in English."""
    places = {
        **dict.fromkeys(("animal", "nature"), ("outdoor",)),
        **dict.fromkeys(("person", "profession"), ("building", "outdoor")),
        **dict.fromkeys(_PORTABLE, ("furniture", "room", "vehicle")),
        **dict.fromkeys(("furniture", "device"), ("room", "building")),
        "food": ("furniture", "building"),
        "drink": ("building",),
        "building": ("outdoor",),
        "event": ("building", "outdoor"),
        "vehicle": ("outdoor",),
        "ingredient": ("room",),
    }
    noun = g.noun(*places)
    negative = g.chance(0.2)
    if noun.number == "singular":
        raise Unsuitable
    if noun.number == "mass":
        phrase = noun_phrase(
            noun, g.determiner("bare", "mass") if not negative else g.determiner("bare")
        )
    elif negative or noun.number == "plural":
        phrase = noun_phrase(noun, g.determiner("bare"), plural=True)
    elif g.chance(0.5):
        adjective = g.adjective(noun) if g.chance(0.3) else None
        phrase = noun_phrase(noun, g.determiner("indefinite"), adjective=adjective)
    else:
        det = g.number() if g.chance(0.6) else g.determiner("plural")
        while det.en in ("all the", "both"):
            det = g.determiner("plural")
        phrase = noun_phrase(noun, det, plural=True)
    plural = phrase.agreement == "pl"
    tense = g.one_of("há", "há", "há", "havia", "vai haver", "houve")
    if tense == "houve" and noun.category != "event":
        tense = "havia"
    if tense == "vai haver" and noun.category != "event":
        tense = "há"
    be = {
        "há": ("is", "are"),
        "havia": ("was", "were"),
        "houve": ("was", "were"),
        "vai haver": ("is going to be", "are going to be"),
    }[tense][plural]
    where = g.place(*places[noun.category])
    question = tense in ("há", "havia") and not negative and g.chance(0.15)
    no = ("não ", "no ") if negative else ("", "")
    if question:
        return sentence(
            Text(f"{tense} {phrase.pt} {where.pt}", f"{be} there {phrase.en} {where.en}"), "?"
        )
    return sentence(
        Text(f"{no[0]}{tense} {phrase.pt} {where.pt}", f"there {be} {no[1]}{phrase.en} {where.en}")
    )


@frame(5)
def profession(g: Grammar) -> Text:
    noun = g.noun("profession")
    subject = gendered(g, g.person())
    if subject.gender == "f" and not noun.feminine:
        raise Unsuitable
    plural = subject.is_plural
    what = noun_phrase(noun, g.determiner("bare"), plural=plural, woman=subject.gender == "f")
    en = what.en if plural else english.with_article(what.en)
    tense = g.one_of("present", "present", "imperfect", "future")
    clause = g.clause(SER, subject, tense=tense, **features(g))
    clause.object = Phrase(what.pt, en)
    return sentence(clause.say(), "?" if clause.question else ".")


@frame(4)
def wants_to_be(g: Grammar) -> Text:
    noun = g.noun("profession")
    subject = named(g.pick(g.lexicon.names))
    if subject.gender == "f" and not noun.feminine:
        raise Unsuitable
    what = noun_phrase(noun, g.determiner("bare"), woman=subject.gender == "f")
    control = g.pick(
        [v for v in g.lexicon.frame("infinitive") if v.pt in ("querer", "decidir", "sonhar")]
    )
    tense = "present" if control.flag else "preterite"
    clause = g.clause(SER, subject, control=control, tense=tense)
    clause.object = Phrase(what.pt, english.with_article(what.en))
    return sentence(clause.say())


@frame(5)
def whose(g: Grammar) -> Text:
    """ "O carro do professor está avariado.", "Este livro é meu."."""
    noun = g.noun(*_GOODS, "animal")
    if noun.number != "count":
        raise Unsuitable
    plural = g.chance(0.3)
    if g.chance(0.4):
        subject = noun_phrase(noun, g.determiner("demonstrative"), plural=plural)
        clause = Clause(subject, SER, "present", negative=g.chance(0.25))
        owner = g.one_of(("meu", "mine"), ("teu", "yours"), ("nosso", "ours"), None, None)
        if owner:
            clause.rest.append(
                Text(
                    agree(owner[0], subject.gender, plural)
                    if owner[0] == "nosso"
                    else _mine(owner[0], subject),
                    owner[1],
                )
            )
        else:
            who = g.human()
            clause.rest.append(Text(contract("de", who.pt), english.possessive(who.en)))
        return sentence(clause.say())
    thing = g.the(noun, plural=plural)
    phrase = owned(thing, g.human(), noun.en_plural if plural else noun.en)
    found = g.adjectives_of[noun]
    if not found:
        raise Unsuitable
    return sentence(copula(g, phrase, g.pick(found), negative=g.chance(0.2)).say())


def _mine(pt: str, subject: Phrase) -> str:
    feminine_forms = {"meu": "minha", "teu": "tua"}
    form = feminine_forms[pt] if subject.gender == "f" else pt
    return form + "s" if subject.is_plural else form


@frame(4)
def price(g: Grammar) -> Text:
    noun = g.noun(*_GOODS, "food")
    if noun.number == "mass":
        raise Unsuitable
    subject = g.about(noun)
    tense = g.one_of("present", "present", "imperfect", "preterite")
    if g.chance(0.3):
        clause = Clause(subject, CUSTAR, tense, question="object", asked=Text("quanto", "how much"))
        do = english.finite("do", "present" if tense == "present" else "past", subject.agreement)
        pt = clause.portuguese().replace(f"{subject.pt} ", "").replace(" é que", "")
        return sentence(Text(f"{pt} {subject.pt}", f"how much {do} {subject.en} cost"), "?")
    clause = Clause(subject, CUSTAR, tense, rest=[euros(g)])
    return sentence(clause.say())


def euros(g: Grammar) -> Text:
    """Says an amount of money in words or figures."""
    kind = g.one_of("unit", "two digits", "hundred", "figures")
    if kind == "figures":
        whole, cents = g.chooser.number(2, 99), g.one_of(0, 25, 50, 75, 95)
        decimals = f"{cents:02d}" if cents else ""
        return Text(
            f"{whole},{decimals} euros" if cents else f"{whole} euros",
            f"{whole}.{decimals} euros" if cents else f"{whole} euros",
        )
    if kind == "unit":
        number = g.pick(UNITS[1:])
    elif kind == "two digits":
        number = two_digits(g.pick(TENS), g.pick(UNITS[:9]))
    else:
        number = g.pick(HUNDREDS)
    return Text(f"{number.pt} euros", f"{number.en} euros")


@frame(3)
def age(g: Grammar) -> Text:
    number = g.pick(UNITS[1:]) if g.chance(0.5) else two_digits(g.pick(TENS), g.pick(UNITS[:9]))
    subject = g.person()
    tense = g.one_of("present", "present", "imperfect")
    clause = g.clause(verb("ter", "be", "stative"), subject, tense=tense, **features(g))
    clause.rest.insert(0, Text(f"{number.pt} anos", f"{number.en} years old"))
    return sentence(clause.say(), "?" if clause.question else ".")


@frame(3)
def material(g: Grammar) -> Text:
    noun = g.noun("furniture", "clothes", "thing")
    stuff = g.noun("material")
    if noun.number == "mass":
        raise Unsuitable
    clause = Clause(g.about(noun), verb("ser", "be"), "present", negative=g.chance(0.2))
    clause.rest.append(Text(f"{g.one_of('feito')} de {stuff.pt}", f"made of {stuff.en}"))
    made = agree("feito", clause.subject.gender, clause.subject.is_plural)
    clause.rest[0] = Text(f"{made} de {stuff.pt}", f"made of {stuff.en}")
    return sentence(clause.say())


@frame(5)
def origin(g: Grammar) -> Text:
    kind = g.one_of("country", "city", "nationality", "goods", "language")
    subject = gendered(g, g.person())
    if kind == "nationality":
        adjective = g.pick(g.lexicon.nationalities)
        clause = copula(g, subject, adjective, **features(g))
        clause.tense = "present"
        clause.rest[0] = Text(agree(adjective.pt, subject.gender, subject.is_plural), adjective.en)
        return sentence(clause.say(), "?" if clause.question else ".")
    if kind == "goods":
        noun = g.noun("food", "drink", "vehicle", "reading", "clothes")
        adjective = g.pick(g.lexicon.nationalities)
        subject = g.about(noun) if noun.number != "mass" else g.the(noun)
        words = Text(agree(adjective.pt, subject.gender, subject.is_plural), adjective.en)
        clause = Clause(subject, SER, "present", rest=[words], negative=g.chance(0.2))
        return sentence(clause.say())
    if kind == "language":
        language = g.pick(g.lexicon.languages)
        main = g.pick([LEARN, SPEAK, UNDERSTAND, STUDY])
        tense = (
            g.one_of("present", "present", "going_to", "preterite") if not main.flag else "present"
        )
        clause = g.clause(main, subject, tense=tense, **features(g))
        clause.object = Phrase(language.pt, language.en)
        return sentence(clause.say(), "?" if clause.question else ".")
    place = g.pick(g.lexicon.countries if kind == "country" else g.lexicon.cities)
    main = g.one_of(SER, LIVE, LIVE)
    preposition = ("de", "from") if main is SER else ("em", "in")
    tense = "present" if main is SER else g.tense(main)
    tense = "preterite" if tense in ("perfect", "recent", "progressive") else tense
    clause = g.clause(main, subject, tense=tense, **features(g))
    where = contract(preposition[0], place.with_article)
    clause.rest.insert(0, Text(where, f"{preposition[1]} {place.en}"))
    return sentence(clause.say(), "?" if clause.question else ".")


LEARN, SPEAK = verb("aprender", "learn"), verb("falar", "speak")
UNDERSTAND, STUDY = verb("compreender", "understand", "stative"), verb("estudar", "study")
LIVE = verb("viver", "live")
