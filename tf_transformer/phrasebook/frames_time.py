"""Frames with clock times, dates, durations, ages and prices."""

from __future__ import annotations

from tf_transformer.phrasebook import english
from tf_transformer.phrasebook.clause import Clause, Text
from tf_transformer.phrasebook.frames import Unsuitable, frame, sentence
from tf_transformer.phrasebook.frames_descriptions import statement
from tf_transformer.phrasebook.grammar import SER, Grammar, verb
from tf_transformer.phrasebook.numbers import (
    CLOCK_MINUTES,
    HUNDREDS,
    MONTHS,
    PERIODS,
    TENS,
    UNITS,
    WEEKDAYS,
    at_clock,
    clock,
    on_weekday,
    on_weekdays,
    period,
    two_digits,
)
from tf_transformer.phrasebook.tables import words

_BEGIN = [verb("começar", "start"), verb("acabar", "end")]
_OPEN = [verb("abrir", "open"), verb("fechar", "close")]
_COST = verb("custar", "cost", "stative")
_GOODS = ("clothes", "thing", "device", "furniture", "vehicle", "instrument", "reading", "food")
_ROUTINE = words(
    "levantar-se deitar-se acordar almoçar jantar chegar sair regressar treinar descansar"
)
_LASTING = words("trabalhar morar|em conhecer jogar estudar ensinar treinar")
_ENDURING = words(
    "dormir correr nadar andar dançar cantar chorar trabalhar viajar descansar rezar remar "
    "treinar acampar esperar|por estudar tocar jogar ler cozinhar ressonar tratar"
)


def hour(g: Grammar) -> Text:
    """Say "at" some time of day."""
    if g.chance(0.08):
        return g.one_of(Text("ao meio-dia", "at noon"), Text("à meia-noite", "at midnight"))
    if g.chance(0.12):
        hours, minutes = g.chooser.number(7, 23), g.one_of("15", "30", "45", "20", "50")
        return Text(f"às {hours}h{minutes}", f"at {hours}:{minutes}")
    return at_clock(g.pick(UNITS[:12]), g.one_of(*CLOCK_MINUTES))


def past_day(g: Grammar) -> Text:
    """Say on which day, in which month or when it happened."""
    month = g.pick(MONTHS)
    number, year = g.chooser.number(1, 28), g.chooser.number(1950, 2025)
    return g.one_of(
        on_weekday(g.pick(WEEKDAYS)),
        Text(f"no dia {number} de {month.pt}", f"on {number} {month.en}"),
        Text(f"em {month.pt}", f"in {month.en}"),
        Text(f"em {month.pt} de {year}", f"in {month.en} {year}"),
        g.text("past"),
    )


@frame(5)
def what_time(g: Grammar) -> Text:
    """Say "A reunião começa às nove e meia.", "A que horas é que o museu abre?"."""
    noun, main = g.noun("event"), g.pick(_BEGIN)
    if g.chance(0.35):
        noun, main = g.noun("building"), g.pick(_OPEN)
    if noun.number == "plural":
        raise Unsuitable
    tense = g.one_of("present", "present", "preterite", "going_to", "future")
    clause = Clause(g.the(noun), main, tense, negative=g.chance(0.12))
    if g.chance(0.2):
        clause.question, clause.negative = "adverb", False
        clause.asked = Text("a que horas", "what time")
        return sentence(clause.say(), "?")
    clause.rest.append(hour(g))
    if tense == "present" and g.chance(0.4):
        clause.rest.append(on_weekdays(g.pick(WEEKDAYS)))
    return statement(clause)


@frame(3)
def routine(g: Grammar) -> Text:
    """Say "Levanto-me às sete."."""
    tense = g.one_of("present", "preterite", "preterite", "going_to")
    clause = g.act(among=g.lexicon.verbs_named(*_ROUTINE), tense=tense, **g.features())
    clause.rest.insert(0, hour(g))
    g.add_time(clause, 0.4)
    return statement(clause)


@frame(1)
def it_is_time(g: Grammar) -> Text:
    """Say "São cinco menos um quarto."."""
    time = clock(one := g.pick(UNITS[:12]), g.one_of(*CLOCK_MINUTES))
    pt = "é" if one.en == "one" else "são"
    already = g.one_of(("", ""), ("já ", "already "))
    return sentence(Text(f"{already[0]}{pt} {time.pt}", f"it is {already[1]}{time.en}"))


@frame(3)
def dates(g: Grammar) -> Text:
    """Say "A festa é no sábado.", "Hoje é dia 3 de maio.", "A Ana nasceu em 1985."."""
    kind = g.one_of("event", "event", "today", "born")
    if kind == "event":
        tense = g.one_of("preterite", "future", "present")
        when = past_day(g) if tense == "preterite" else on_weekday(g.pick(WEEKDAYS))
        return statement(Clause(g.the(g.noun("event")), SER, tense, rest=[when]))
    if kind == "born":
        clause = g.clause(verb("nascer", "be born"), g.person(), tense="preterite")
        year = g.chooser.number(1930, 2024)
        clause.rest = [g.one_of(Text(f"em {year}", f"in {year}"), past_day(g))]
        return statement(clause)
    weekday, month, number = g.pick(WEEKDAYS), g.pick(MONTHS), g.chooser.number(1, 31)
    pt, en = g.one_of(
        (f"hoje é {weekday.pt}", f"today is {weekday.en}"),
        (f"hoje é dia {number} de {month.pt}", f"today is {number} {month.en}"),
        (
            f"hoje é {weekday.pt}, dia {number} de {month.pt}",
            f"today is {weekday.en}, {number} {month.en}",
        ),
    )
    return sentence(Text(pt, en))


@frame(4)
def long_ago(g: Grammar) -> Text:
    """Say "Comprei o carro há dois anos.", "Ela vai casar-se daqui a três meses."."""
    length = period(g.pick(UNITS[1:]), g.pick(PERIODS))
    if g.chance(0.6):
        clause = g.act("transitive", "reflexive", "prepositional", tense="preterite")
        tail = Text(f"há {length.pt}", f"{length.en} ago")
    else:
        clause = g.act("transitive", "reflexive", "place", tense="going_to")
        tail = Text(f"daqui a {length.pt}", f"in {length.en}")
    if clause.verb.flag in ("stative", "go"):
        raise Unsuitable
    clause.rest = [tail]
    return statement(clause)


@frame(3)
def how_long(g: Grammar) -> Text:
    """Say "Trabalho aqui há dez anos.", "Dormi durante oito horas."."""
    if g.chance(0.5):
        clause = g.act(among=g.lexicon.verbs_named(*_LASTING), tense="since")
        if clause.verb.pt in ("trabalhar", "treinar"):
            clause.rest.append(g.place("building"))
        length = period(g.pick(UNITS[1:]), g.pick(PERIODS[3:]))
        clause.rest.append(Text(f"há {length.pt}", f"for {length.en}"))
        return statement(clause)
    verbs = g.lexicon.verbs_named(*_ENDURING)
    verbs = tuple(v for v in verbs if v.frame != "ditransitive")
    clause = g.act(among=verbs, tense=g.one_of("preterite", "preterite", "going_to"))
    length = period(g.pick(UNITS[1:]), g.pick(PERIODS))
    clause.rest.insert(0, Text(f"durante {length.pt}", f"for {length.en}"))
    return statement(clause)


@frame(3)
def age(g: Grammar) -> Text:
    """Say "A Ana tem vinte anos."."""
    number = g.pick(UNITS[1:])
    if g.chance(0.5):
        number = two_digits(g.pick(TENS), g.pick(UNITS[:9]))
    tense = g.one_of("present", "present", "imperfect")
    clause = g.clause(verb("ter", "be", "stative"), g.person(), tense=tense, **g.features())
    clause.rest.insert(0, Text(f"{number.pt} anos", f"{number.en} years old"))
    return statement(clause)


@frame(5)
def price(g: Grammar) -> Text:
    """Say "A camisa custa vinte euros.", "Quanto custam estes sapatos?"."""
    noun = g.noun(*_GOODS)
    if noun.number == "mass":
        raise Unsuitable
    subject = g.about(noun)
    tense = g.one_of("present", "present", "imperfect", "preterite")
    clause = Clause(subject, _COST, tense)
    if g.chance(0.35):
        word = "did"
        if tense == "present":
            word = english.finite("do", "present", subject.agreement)
        form = clause.portuguese().removeprefix(subject.pt + " ")
        said = Text(f"quanto {form} {subject.pt}", f"how much {word} {subject.en} cost")
        return sentence(said, "?")
    clause.rest.append(euros(g))
    return statement(clause)


def euros(g: Grammar) -> Text:
    """Say an amount of money in words or figures."""
    kind = g.one_of("unit", "two digits", "hundred", "figures")
    if kind == "figures":
        whole, cents = g.chooser.number(2, 99), g.one_of("25", "50", "75", "95")
        return Text(f"{whole},{cents} euros", f"{whole}.{cents} euros")
    if kind == "two digits":
        number = two_digits(g.pick(TENS), g.pick(UNITS[:9]))
    else:
        number = g.pick(UNITS[1:] if kind == "unit" else HUNDREDS)
    return Text(f"{number.pt} euros", f"{number.en} euros")
