"""Frames of daily life: hours, dates, weather, hunger, aches, shops, travel and greetings."""

from __future__ import annotations

from tf_transformer.data.phrasebook import english
from tf_transformer.data.phrasebook.clause import Clause, Text
from tf_transformer.data.phrasebook.frames import Unsuitable, frame, join, sentence
from tf_transformer.data.phrasebook.frames_actions import features
from tf_transformer.data.phrasebook.grammar import Grammar, verb
from tf_transformer.data.phrasebook.lexicon import Entry
from tf_transformer.data.phrasebook.numbers import (
    CLOCK_MINUTES,
    MONTHS,
    PERIODS,
    SEASONS,
    UNITS,
    WEEKDAYS,
    at_clock,
    clock,
    on_weekday,
    on_weekdays,
    period,
)
from tf_transformer.data.phrasebook.phrases import Phrase, named, noun_phrase
from tf_transformer.data.phrasebook.portuguese import conjugate, contract

STATES = [
    Entry("fome", "hungry"),
    Entry("sede", "thirsty"),
    Entry("sono", "sleepy"),
    Entry("frio", "cold"),
    Entry("calor", "hot"),
    Entry("medo", "afraid"),
    Entry("pressa", "in a hurry"),
    Entry("razão", "right"),
    Entry("sorte", "lucky"),
    Entry("ciúmes", "jealous"),
    Entry("vergonha", "ashamed"),
]
SYMPTOMS = [Entry("febre", "a fever"), Entry("tosse", "a cough"), Entry("insónias", "insomnia")]
WEATHER_VERBS = [Entry("chover", "rain"), Entry("nevar", "snow"), Entry("trovejar", "thunder")]
WEATHER = [
    Entry("frio", "cold"),
    Entry("calor", "hot"),
    Entry("vento", "windy"),
    Entry("nevoeiro", "foggy"),
    Entry("sol", "sunny"),
]
BEGIN = [verb("começar", "start"), verb("acabar", "end")]
OPEN = [verb("abrir", "open"), verb("fechar", "close")]
_VERY_MANY = frozenset(("fome", "sede", "sono", "frio", "calor", "medo", "pressa", "sorte"))


def hour(g: Grammar) -> Text:
    """Says "at" some time of day."""
    if g.chance(0.08):
        return g.one_of(Text("ao meio-dia", "at noon"), Text("à meia-noite", "at midnight"))
    if g.chance(0.1):
        digits = f"{g.chooser.number(7, 23)}:{g.one_of('15', '30', '45', '20', '50')}"
        return Text(f"às {digits.replace(':', 'h')}", f"at {digits}")
    return at_clock(g.pick(UNITS[:12]), g.one_of(*CLOCK_MINUTES))


def day(g: Grammar) -> Text:
    """Says on which day, date, month or year."""
    kind = g.one_of("weekday", "date", "month", "year", "adverb")
    if kind == "weekday":
        return on_weekday(g.pick(WEEKDAYS))
    month = g.pick(MONTHS)
    if kind == "date":
        number = g.chooser.number(1, 28)
        return Text(f"no dia {number} de {month.pt}", f"on {number} {month.en}")
    if kind == "month":
        return Text(f"em {month.pt}", f"in {month.en}")
    if kind == "year":
        year = str(g.chooser.number(1950, 2025))
        return Text(f"em {month.pt} de {year}", f"in {month.en} {year}")
    return g.adverb_text("past")


@frame(4)
def what_time(g: Grammar) -> Text:
    noun = g.noun("event")
    subject = g.the(noun)
    main = g.pick(BEGIN) if noun.pt != "férias" else BEGIN[0]
    if g.chance(0.3):
        noun = g.noun("building")
        subject, main = g.the(noun), g.pick(OPEN)
    tense = g.one_of("present", "present", "preterite", "going_to", "future")
    clause = Clause(subject, main, tense, negative=g.chance(0.12))
    if g.chance(0.2):
        clause.question, clause.negative = "adverb", False
        clause.asked = Text("a que horas", "what time")
        return sentence(clause.say(), "?")
    clause.rest.append(hour(g))
    if tense == "present" and g.chance(0.3):
        clause.rest.append(on_weekdays(g.pick(WEEKDAYS)))
    return sentence(clause.say())


@frame(3)
def it_is_time(g: Grammar) -> Text:
    time = clock(one := g.pick(UNITS[:12]), g.one_of(*CLOCK_MINUTES))
    pt = "é" if one.en == "one" else "são"
    kind = g.one_of("", "already", "woke", "woke")
    if kind == "woke":
        who = g.person()
        main = g.pick([v for v in g.lexicon.verbs if v.pt in _ROUTINE])
        tense = g.one_of("present", "preterite", "preterite", "going_to")
        clause = g.clause(main, who, tense=tense)
        clause.rest.insert(0, hour(g))
        return sentence(clause.say())
    before = Text("já", "already") if kind else Text("", "")
    return sentence(
        Text(
            f"{before.pt} {pt} {time.pt}".strip(), f"it is {before.en} {time.en}".replace("  ", " ")
        )
    )


_ROUTINE = (
    "levantar-se",
    "deitar-se",
    "acordar",
    "almoçar",
    "jantar",
    "chegar",
    "sair",
    "regressar",
)


@frame(3)
def dates(g: Grammar) -> Text:
    kind = g.one_of("event", "event", "today", "born")
    if kind == "today":
        weekday, month, number = g.pick(WEEKDAYS), g.pick(MONTHS), g.chooser.number(1, 31)
        return g.one_of(
            sentence(Text(f"hoje é {weekday.pt}", f"today is {weekday.en}")),
            sentence(Text(f"hoje é dia {number} de {month.pt}", f"today is {number} {month.en}")),
            sentence(
                Text(
                    f"hoje é {weekday.pt}, dia {number} de {month.pt}",
                    f"today is {weekday.en}, {number} {month.en}",
                )
            ),
        )
    if kind == "born":
        born = verb("nascer", "be born")
        clause = g.clause(born, g.person(), tense="preterite")
        clause.rest = [day(g)]
        return sentence(clause.say())
    noun = g.noun("event")
    tense = g.one_of("preterite", "future", "present")
    when = day(g) if tense == "preterite" else on_weekday(g.pick(WEEKDAYS))
    return sentence(Clause(g.the(noun), verb("ser", "be"), tense, rest=[when]).say())


@frame(3)
def weather(g: Grammar) -> Text:
    where, when = Text("", ""), Text("", "")
    if g.chance(0.6):
        place = g.pick(g.lexicon.cities if g.chance(0.6) else g.lexicon.countries)
        where = Text(contract("em", place.with_article), f"in {place.en}")
    if g.chance(0.5):
        sky = g.pick(WEATHER_VERBS)
        tense = g.one_of("progressive", "preterite", "going_to", "past_progressive", "future")
        it = Phrase("", "it")
        clause = Clause(it, verb(sky.pt, sky.en), tense, negative=g.chance(0.25))
        clause.rest.append(where)
        g.add_time(clause, 0.5)
        return sentence(clause.say())
    sky = g.pick(WEATHER)
    tense, be = g.one_of(("está", "is"), ("estava", "was"), ("esteve", "was"))
    degree = g.one_of(Text("", ""), Text("muito", "very"), Text("um pouco de", "a bit"))
    if degree.en == "very" and sky.pt == "sol":
        degree = Text("", "")
    if g.chance(0.3):
        month = g.one_of(*[Text(contract("em", s.pt), f"in {s.en}") for s in SEASONS])
        month = month if g.chance(0.5) else Text(f"em {(m := g.pick(MONTHS)).pt}", f"in {m.en}")
        where = join(where, month)
    elif tense != "está":
        when = g.adverb_text("past")
    said = Text(f"{tense} {degree.pt} {sky.pt}", f"it {be} {degree.en} {sky.en}")
    said = Text(said.pt.replace("  ", " "), said.en.replace("  ", " "))
    return sentence(join(said, where, when))


@frame(4)
def hungry(g: Grammar) -> Text:
    state = g.pick(STATES)
    tense = g.one_of("present", "present", "imperfect", "future", "preterite")
    clause = g.clause(verb("ter", "be", "stative"), g.person(), tense=tense, **features(g))
    muito = "muita" if state.pt in ("fome", "sede", "pressa", "sorte") else "muito"
    if state.pt in _VERY_MANY and g.chance(0.3):
        clause.rest.insert(0, Text(f"{muito} {state.pt}", f"very {state.en}"))
    elif state.pt == "medo" and g.chance(0.6):
        noun = g.noun("animal")
        thing = noun_phrase(noun, g.determiner("bare"), plural=True)
        clause.rest.insert(0, Text(f"medo de {thing.pt}", f"afraid of {thing.en}"))
    else:
        clause.rest.insert(0, Text(state.pt, state.en))
    return sentence(clause.say(), "?" if clause.question else ".")


@frame(3)
def ill(g: Grammar) -> Text:
    if g.chance(0.2):
        symptom = g.pick(SYMPTOMS)
        thing = Phrase(symptom.pt, symptom.en)
    else:
        noun = g.noun("ailment")
        det = g.determiner("bare" if noun.number == "mass" else "indefinite")
        thing = noun_phrase(noun, det)
    tense = g.one_of("present", "present", "imperfect", "preterite")
    clause = g.clause(verb("ter", "have", "stative"), g.person(), tense=tense, **features(g))
    clause.object = thing
    return sentence(clause.say(), "?" if clause.question else ".")


@frame(3)
def aches(g: Grammar) -> Text:
    """ "Dói-me a cabeça.", "Doem-lhe os pés?": the ache is the subject in both languages."""
    noun = g.noun("body")
    if noun.pt in ("cabelo", "pele", "unha"):
        noun = g.noun("body")
    plural = g.chance(0.4) and noun.pt in (
        "olho",
        "orelha",
        "braço",
        "perna",
        "pé",
        "mão",
        "dente",
        "dedo",
        "joelho",
        "ombro",
        "cotovelo",
        "tornozelo",
        "pulso",
    )
    thing = g.the(noun, plural=plural)
    clitic, whose = g.one_of(("me", "my"), ("te", "your"), ("nos", "our"))
    tense = g.one_of("present", "present", "imperfect")
    form = conjugate("doer", tense)[thing.person]
    body = thing.en.replace("the", whose, 1)
    kind = g.one_of("say", "say", "deny", "ask")
    past = "past" if tense == "imperfect" else "present"
    hurt = verb("doer", "hurt")
    subject = Phrase("", body, thing.person, "m", thing.agreement)
    if kind == "say":
        return sentence(
            Text(
                f"{form}-{clitic} {thing.pt}",
                f"{body} {english.finite('hurt', past, thing.agreement)}",
            )
        )
    clause = Clause(
        subject, hurt, tense, negative=kind == "deny", question="yes-no" if kind == "ask" else ""
    )
    pt = f"não {clitic} {form} {thing.pt}" if kind == "deny" else f"{form}-{clitic} {thing.pt}"
    return sentence(Text(pt, clause.english()), "?" if kind == "ask" else ".")


@frame(4)
def how_long(g: Grammar) -> Text:
    """Há: "Moro aqui há dez anos", "Comprei-o há dois dias"; and how long one did it."""
    length = period(g.pick(UNITS[1:]), g.pick(PERIODS))
    kind = g.one_of("ago", "ago", "since", "for", "in")
    from tf_transformer.data.phrasebook.frames_actions import add_object

    if kind == "since":
        main = g.pick([v for v in g.lexicon.verbs if v.pt in _LASTING])
        subject = g.person()
        clause = g.clause(main, subject, tense="since")
        if main.objects:
            add_object(g, clause)
        else:
            clause.rest.append(g.place("building"))
        years = period(g.pick(UNITS[1:]), g.one_of(*PERIODS[3:]))
        clause.rest.append(Text(f"há {years.pt}", f"for {years.en}"))
        return sentence(clause.say())
    frames = ("transitive",) if kind == "ago" else ("intransitive", "reflexive", "transitive")
    if kind == "for":
        main = g.pick([v for v in g.lexicon.verbs if v.pt in _ENDURING])
        tail = Text(f"durante {length.pt}", f"for {length.en}")
        tense = g.one_of("preterite", "preterite", "going_to")
    else:
        main = g.verb(*frames)
        if main.flag == "stative":
            raise Unsuitable
        tense = "preterite" if kind == "ago" else "going_to"
        tail = Text(f"há {length.pt}", f"{length.en} ago")
        if kind == "in":
            tail = Text(f"daqui a {length.pt}", f"in {length.en}")
    clause = g.clause(main, tense=tense)
    clause.rest = [tail]
    add_object(g, clause)
    return sentence(clause.say())


_LASTING = ("trabalhar", "morar em", "conhecer", "tocar", "jogar", "estudar", "ensinar", "treinar")
_ENDURING = tuple(
    "dormir correr nadar andar dançar cantar chorar trabalhar viajar descansar rezar remar treinar "
    "acampar esperar|por estudar tocar jogar ler cozinhar ressonar".replace("|", " ").split()
)


@frame(6)
def at_the_restaurant(g: Grammar) -> Text:
    noun = g.noun("food", "drink", "food", "clothes", "reading", "thing")
    thing = (
        noun_phrase(noun, g.determiner("indefinite"))
        if noun.number == "count"
        else noun_phrase(noun, g.determiner("bare"))
    )
    if noun.number == "count" and g.chance(0.4):
        thing = noun_phrase(noun, g.number(), plural=True)
    kind = g.chooser.number(0, 5)
    if kind == 0:
        return sentence(Text(f"queria {thing.pt}, por favor", f"I would like {thing.en}, please"))
    if kind == 1:
        return sentence(Text(f"{thing.pt}, por favor", f"{thing.en}, please"))
    if kind == 2:
        return sentence(
            Text(f"pode trazer-me {thing.pt}, por favor", f"can you bring me {thing.en}, please"),
            "?",
        )
    if kind == 3:
        return sentence(
            Text(f"desculpe, têm {thing.pt}", f"excuse me, do you have {thing.en}"), "?"
        )
    if kind == 4:
        return (
            sentence(Text(f"quanto é {_article(thing)}", f"how much is {thing.en}"), "?")
            if False
            else sentence(
                Text(
                    f"quer {thing.pt}, senhor {(s := g.one_of(*SURNAMES))}",
                    f"would you like {thing.en}, Mr {s}",
                ),
                "?",
            )
        )
    return sentence(Text(f"não quero {thing.pt}, obrigado", f"I don't want {thing.en}, thank you"))


SURNAMES = (
    "Silva",
    "Santos",
    "Costa",
    "Pereira",
    "Ferreira",
    "Oliveira",
    "Martins",
    "Sousa",
    "Rocha",
    "Lopes",
)


def _article(phrase: Phrase) -> str:
    return phrase.pt


@frame(5)
def travelling(g: Grammar) -> Text:
    city = g.pick(g.lexicon.cities if g.chance(0.6) else g.lexicon.countries)
    to = Text(contract("para", city.with_article), f"to {city.en}")
    vehicle = g.pick(
        [n for n in g.lexicon.nouns if n.pt in ("comboio", "autocarro", "avião", "navio", "barco")]
    )
    kind = g.chooser.number(0, 6)
    the = g.the(vehicle)
    if kind == 0:
        n = g.pick(UNITS[:10])
        tickets = (
            ("um bilhete", "one ticket")
            if n.en == "one"
            else (f"{n.pt} bilhetes", f"{n.en} tickets")
        )
        return sentence(Text(f"{tickets[0]} {to.pt}, por favor", f"{tickets[1]} {to.en}, please"))
    if kind == 1:
        return sentence(
            Text(f"a que horas sai {the.pt} {to.pt}", f"what time does {the.en} {to.en} leave"), "?"
        )
    if kind == 2:
        time = hour(g)
        return sentence(
            Text(f"{the.pt} {to.pt} sai {time.pt}", f"{the.en} {to.en} leaves {time.en}")
        )
    if kind == 3:
        subject = g.person()
        tense = g.one_of("going", "preterite", "future")
        clause = g.clause(verb("ir", "go"), subject, tense=tense, **features(g))
        by = Text(f"de {vehicle.pt}", f"by {vehicle.en}")
        clause.rest[:0] = [
            Text(contract("a", city.with_article) if g.chance(0.0) else to.pt, to.en),
            by,
        ]
        return sentence(clause.say(), "?" if clause.question else ".")
    if kind == 4:
        noun = g.noun("building")
        the = g.the(noun)
        return sentence(
            Text(
                f"onde fica {the.pt} mais {'próxima' if noun.gender == 'f' else 'próximo'}",
                f"where is the nearest {noun.en}",
            ),
            "?",
        )
    if kind == 5:
        noun = g.noun("building")
        a = noun_phrase(noun, g.determiner("indefinite"))
        return sentence(Text(f"há {a.pt} perto daqui", f"is there {a.en} near here"), "?")
    noun = g.noun("building", "outdoor")
    the = g.the(noun)
    return sentence(
        Text(f"como é que se vai {contract('para', the.pt)}", f"how do you get to {the.en}"), "?"
    )


@frame(3)
def misses(g: Grammar) -> Text:
    """Ter saudades: "Tenho saudades da Ana", "I miss Ana"."""
    who, whom = (
        g.person(),
        g.human() if g.chance(0.6) else g.the(g.noun("food", "animal", "outdoor")),
    )
    tense = g.one_of("present", "present", "imperfect")
    clause = g.clause(verb("ter", "miss", "stative"), who, tense=tense, **features(g))
    clause.object = Phrase(f"saudades {contract('de', whom.pt)}", whom.en)
    return sentence(clause.say(), "?" if clause.question else ".")


@frame(2)
def greeting(g: Grammar) -> Text:
    name = g.pick(g.lexicon.names).pt
    openings = g.one_of(*_OPENINGS)
    follow = g.one_of(*_FOLLOW)
    return Text(f"{openings[0]}, {name}{follow[0]}", f"{openings[1]}, {name}{follow[1]}")


_OPENINGS = (
    ("Olá", "Hello"),
    ("Bom dia", "Good morning"),
    ("Boa tarde", "Good afternoon"),
    ("Boa noite", "Good evening"),
    ("Adeus", "Goodbye"),
    ("Até amanhã", "See you tomorrow"),
    ("Até logo", "See you later"),
    ("Obrigado", "Thank you"),
    ("Parabéns", "Congratulations"),
    ("Feliz aniversário", "Happy birthday"),
    ("Boa viagem", "Have a good trip"),
    ("Bem-vindo", "Welcome"),
    ("Desculpa", "Sorry"),
    ("Boa sorte", "Good luck"),
    ("Cuidado", "Be careful"),
)
_FOLLOW = (
    (".", "."),
    ("!", "!"),
    ("! Como estás?", "! How are you?"),
    ("! Tudo bem?", "! Is everything all right?"),
    ("! Entra, por favor.", "! Come in, please."),
    (", e até breve!", ", and see you soon!"),
)


@frame(3)
def where_is_it(g: Grammar) -> Text:
    """A question and its answer: the pronoun "it", "he" or "she" comes from the question."""
    noun = g.noun("thing", "clothes", "reading", "person", "profession", "animal", "family")
    if noun.is_human and g.chance(0.6):
        subject = named(g.pick(g.lexicon.names))
    else:
        det = "possessive" if noun.category == "family" or g.chance(0.5) else "definite"
        subject = noun_phrase(noun, g.determiner(det), plural=g.chance(0.3), woman=g.chance(0.5))
    pronoun = "they" if subject.is_plural else "it"
    if noun.is_human and not subject.is_plural:
        pronoun = {"m": "he", "f": "she"}[subject.gender]
    if noun.pt in ("pessoa", "testemunha", "criança", "bebé", "líder"):
        raise Unsuitable
    human = noun.is_human or noun.category == "animal"
    where = g.place("room", "building", "outdoor") if human else g.place("furniture", "room")
    be = "are" if subject.is_plural else "is"
    pt = "estão" if subject.is_plural else "está"
    return Text(
        f"Onde {pt} {subject.pt}? {pt.capitalize()} {where.pt}.",
        f"Where {be} {subject.en}? {pronoun.capitalize()} {be} {where.en}.",
    )
