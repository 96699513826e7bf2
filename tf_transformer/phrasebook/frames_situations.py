"""Frames of daily life: weather, hunger, aches, restaurants, travel and greetings."""

from __future__ import annotations

from tf_transformer.phrasebook.clause import Clause, Text
from tf_transformer.phrasebook.frames import Unsuitable, frame, join, sentence
from tf_transformer.phrasebook.frames_descriptions import statement
from tf_transformer.phrasebook.frames_places import country
from tf_transformer.phrasebook.frames_time import hour
from tf_transformer.phrasebook.grammar import Grammar, verb
from tf_transformer.phrasebook.lexicon import Entry, Verb
from tf_transformer.phrasebook.numbers import MONTHS, SEASONS, UNITS
from tf_transformer.phrasebook.phrases import Phrase, noun_phrase
from tf_transformer.phrasebook.portuguese import conjugate, contract
from tf_transformer.phrasebook.tables import words

# After "ter" in Portuguese and "be" in English.
_STATES = [
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
_STRONG = {"fome": "muita", "sede": "muita", "sorte": "muita", "sono": "muito", "frio": "muito"}
_SYMPTOMS = [Entry("febre", "a fever"), Entry("tosse", "a cough"), Entry("insónias", "insomnia")]
_FALLING = [verb("chover", "rain"), verb("nevar", "snow"), verb("trovejar", "thunder")]
_WEATHER = [
    Entry("frio", "cold"),
    Entry("calor", "hot"),
    Entry("vento", "windy"),
    Entry("nevoeiro", "foggy"),
    Entry("sol", "sunny"),
]
_SURNAMES = words("Silva Santos Costa Pereira Ferreira Oliveira Martins Sousa Rocha Lopes")
_TER = {en: verb("ter", en, "stative") for en in ("be", "have", "miss")}


@frame(4)
def weather(g: Grammar) -> Text:
    """Say "Está a nevar na China.", "Estava um pouco de vento."."""
    where = country(g, "em", "in") if g.chance(0.7) else Text("", "")
    if g.chance(0.5):
        falling = g.pick(_FALLING)
        tense = g.one_of("progressive", "past_progressive", "preterite", "going_to", "future")
        clause = Clause(Phrase("", "it"), falling, tense, negative=g.chance(0.25), rest=[where])
        g.add_time(clause, 0.6)
        return statement(clause)
    sky = g.pick(_WEATHER)
    pt, en = g.one_of(("está", "is"), ("estava", "was"), ("esteve", "was"))
    muito = g.one_of(Text("", ""), Text("muito", "very"), Text("um pouco de", "a bit"))
    when = Text("", "")
    if g.chance(0.3):
        season, month = g.pick(SEASONS), g.pick(MONTHS)
        in_season = Text(contract("em", season.pt), f"in {season.en}")
        when = g.one_of(in_season, Text(f"em {month.pt}", f"in {month.en}"))
    elif pt != "está":
        when = g.text("past")
    begin = join(Text(pt, f"it {en}"), muito, Text(sky.pt, sky.en))
    return sentence(join(begin, where, when))


@frame(5)
def hungry(g: Grammar) -> Text:
    """Say "Tenho fome.", "I am hungry."."""
    state = g.pick(_STATES)
    tense = g.one_of("present", "present", "imperfect", "future", "preterite")
    clause = g.clause(_TER["be"], g.person(), tense=tense, **g.features())
    words = Text(state.pt, state.en)
    if state.pt in _STRONG and g.chance(0.35):
        words = Text(f"{_STRONG[state.pt]} {state.pt}", f"very {state.en}")
    elif state.pt == "medo" and g.chance(0.7):
        thing = noun_phrase(g.noun("animal", "sky"), g.determiner("bare"), plural=True)
        if not thing.is_plural:
            raise Unsuitable
        words = Text(f"medo de {thing.pt}", f"afraid of {thing.en}")
    clause.rest.insert(0, words)
    return statement(clause)


@frame(3)
def ill(g: Grammar) -> Text:
    """Say "Tenho febre.", "Ela teve uma alergia."."""
    if g.chance(0.2):
        symptom = g.pick(_SYMPTOMS)
        thing = Phrase(symptom.pt, symptom.en)
    else:
        noun = g.noun("ailment")
        thing = noun_phrase(noun, g.determiner("bare" if noun.number == "mass" else "indefinite"))
    tense = g.one_of("present", "present", "imperfect", "preterite")
    clause = g.clause(_TER["have"], g.person(), tense=tense, **g.features())
    clause.object = thing
    return statement(clause)


@frame(4)
def misses(g: Grammar) -> Text:
    """Say "Tenho saudades da Ana.", "I miss Ana."."""
    missed = g.human() if g.chance(0.6) else g.the(g.noun("food", "animal", "outdoor"))
    tense = g.one_of("present", "present", "imperfect")
    clause = g.clause(_TER["miss"], g.person(), tense=tense, **g.features())
    clause.object = Phrase(f"saudades {contract('de', missed.pt)}", missed.en)
    return statement(clause)


@frame(3)
def aches(g: Grammar) -> Text:
    """Say "Dói-me a cabeça.", "Não lhe doem os pés.": the ache is the subject in both languages."""
    noun = g.noun("body")
    if noun.number != "count" or noun.pt == "lábio":
        raise Unsuitable
    pairs = "olho orelha braço perna pé mão dente dedo joelho ombro cotovelo tornozelo pulso"
    thing = g.the(noun, plural=noun.pt in pairs.split() and g.chance(0.5))
    pt, en = g.one_of(("me", "my"), ("te", "your"), ("nos", "our"))
    tense = g.one_of("present", "present", "imperfect")
    subject = Phrase("", thing.en.replace("the", en, 1), agreement=thing.agreement)
    clause = Clause(subject, verb("doer", "hurt"), tense)
    form = conjugate("doer", tense)[thing.person]
    if g.chance(0.25):
        clause.negative = True
        return sentence(Text(f"não {pt} {form} {thing.pt}", clause.english()))
    clause.question = "yes-no" if g.chance(0.3) else ""
    return sentence(
        Text(f"{form}-{pt} {thing.pt}", clause.english()), "?" if clause.question else "."
    )


@frame(7)
def at_the_restaurant(g: Grammar) -> Text:
    """Say "Queria fruta, por favor."."""
    noun = g.noun("food", "drink", "food", "clothes", "reading", "thing", "ingredient")
    many = noun.number == "count" and g.chance(0.4)
    kind = "number" if many else "indefinite" if noun.number == "count" else "bare"
    thing = noun_phrase(noun, g.determiner(kind), plural=many)
    name = g.one_of(*_SURNAMES)
    pt, en, end = g.one_of(
        ("queria {}, por favor", "I would like {}, please", "."),
        ("{}, por favor", "{}, please", "."),
        ("pode trazer-me {}, por favor", "can you bring me {}, please", "?"),
        ("pode dar-nos {}, por favor", "can you give us {}, please", "?"),
        ("desculpe, têm {}", "excuse me, do you have {}", "?"),
        (f"quer {{}}, senhor {name}", f"would you like {{}}, Mr {name}", "?"),
        (f"quer {{}}, senhora {name}", f"would you like {{}}, Mrs {name}", "?"),
        ("não quero {}, obrigado", "I don't want {}, thank you", "."),
    )
    return sentence(Text(pt.format(thing.pt), en.format(thing.en)), end)


@frame(4)
def by_train(g: Grammar) -> Text:
    """Ask for tickets and departures: "A que horas sai o comboio para Faro?"."""
    vehicles = ("comboio", "autocarro", "avião", "navio", "barco")
    vehicle = g.pick([n for n in g.lexicon.category("vehicle") if n.pt in vehicles])
    the, to = g.the(vehicle), country(g, "para", "to")
    kind = g.one_of("tickets", "question", "answer", "by")
    if kind == "tickets":
        number = g.pick(UNITS[:10])
        pt, en = ("bilhete", "ticket") if number.en == "one" else ("bilhetes", "tickets")
        return sentence(
            Text(f"{number.pt} {pt} {to.pt}, por favor", f"{number.en} {en} {to.en}, please")
        )
    if kind == "question":
        said = Text(f"a que horas sai {the.pt} {to.pt}", f"what time does {the.en} {to.en} leave")
        return sentence(said, "?")
    if kind == "answer":
        at = hour(g)
        return sentence(Text(f"{the.pt} {to.pt} sai {at.pt}", f"{the.en} {to.en} leaves {at.en}"))
    tense = g.one_of("going", "preterite", "future")
    clause = g.clause(verb("ir", "go", "go"), g.person(), tense=tense, **g.features())
    clause.rest[:0] = [to, Text(f"de {vehicle.pt}", f"by {vehicle.en}")]
    return statement(clause)


@frame(3)
def asking_the_way(g: Grammar) -> Text:
    """Say "Onde fica a piscina?", "Há um museu perto daqui?"."""
    noun = g.noun("building", "outdoor")
    the, a = g.the(noun), noun_phrase(noun, g.determiner("indefinite"))
    nearest = "próxima" if noun.gender == "f" else "próximo"
    pt, en = g.one_of(
        (f"onde fica {the.pt} mais {nearest}", f"where is the nearest {noun.en}"),
        (f"há {a.pt} perto daqui", f"is there {a.en} near here"),
        (f"como é que se vai {contract('para', the.pt)}", f"how do you get to {the.en}"),
        (f"onde fica {the.pt}", f"where is {the.en}"),
    )
    if noun.number != "count":
        raise Unsuitable
    return sentence(Text(pt, en), "?")


@frame(3)
def may_i(g: Grammar) -> Text:
    """Say "É proibido fumar aqui.", "Não se pode nadar neste lago.": what one may do."""
    verbs: tuple[Verb, ...] = g.lexicon.plain("intransitive")
    main, where = g.pick(verbs), g.place()
    pt, en = g.one_of(
        ("é proibido {}", "it is forbidden to {}"),
        ("não se pode {}", "one can't {}"),
        ("pode-se {}", "one can {}"),
        ("é possível {}", "it is possible to {}"),
    )
    return sentence(join(Text(pt.format(main.infinitive), en.format(main.en)), where))


_GREETINGS = (
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
    ("Desculpa", "Sorry"),
    ("Boa sorte", "Good luck"),
    ("Cuidado", "Be careful"),
)
_AND_THEN = (
    (".", "."),
    ("!", "!"),
    ("! Como estás?", "! How are you?"),
    ("! Tudo bem?", "! Is everything all right?"),
    ("! Entra, por favor.", "! Come in, please."),
)


@frame(2)
def greeting(g: Grammar) -> Text:
    """Say "Bom dia, Helena!", "Obrigado, senhor Silva."."""
    name, title = g.pick(g.lexicon.names).en, g.one_of(*_SURNAMES)
    pt, en = g.one_of((name, name), (f"senhor {title}", f"Mr {title}"))
    hello = g.one_of(*_GREETINGS)
    more = g.one_of(*_AND_THEN) if hello in _GREETINGS[:4] else g.one_of(*_AND_THEN[:2])
    return Text(f"{hello[0]}, {pt}{more[0]}", f"{hello[1]}, {en}{more[1]}")
