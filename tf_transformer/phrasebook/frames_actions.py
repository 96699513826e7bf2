"""Frames about what people and animals do."""

from __future__ import annotations

from tf_transformer.phrasebook.clause import Clause, Text
from tf_transformer.phrasebook.frames import Unsuitable, frame, join, sentence
from tf_transformer.phrasebook.grammar import Grammar, verb
from tf_transformer.phrasebook.lexicon import Verb
from tf_transformer.phrasebook.phrases import NO_DETERMINER, PRONOUNS, Phrase, noun_phrase
from tf_transformer.phrasebook.portuguese import contract
from tf_transformer.phrasebook.tables import words

# What one does with somebody, and what one does in some place.
_TOGETHER = words(
    "dançar cantar trabalhar viajar nadar correr pescar cozinhar patinar acampar almoçar "
    "jantar remar treinar rezar esquiar descansar mergulhar dormir discutir fugir "
    "regressar chegar"
)
_ANYWHERE = words(
    "comer beber comprar ler escrever ver encontrar perder esconder jogar tocar estudar "
    "desenhar fotografar beijar abraçar lavar vestir partilhar celebrar cumprimentar "
    "entrevistar pendurar"
)
# "Explain the rule to me", not "explain me the rule".
_NEEDS_TO = ("explicar", "ditar", "recomendar", "entregar", "devolver")
_QUESTION_WORDS = {
    "where": Text("onde", "where"),
    "when": Text("quando", "when"),
    "why": Text("porque", "why"),
    "how": Text("como", "how"),
}
_HUMAN_CLITICS = (
    *(("me", "me"), ("te", "you"), ("nos", "us")),
    *(("o", "him"), ("a", "her"), ("os", "them"), ("as", "them")),
)
_THING_CLITICS = (("o", "it"), ("a", "it"), ("os", "them"), ("as", "them"))
_VERBS = ("transitive", "intransitive", "reflexive", "prepositional", "place")


def finish(g: Grammar, clause: Clause) -> Text:
    """Say a clause as a sentence, with a time if there is room."""
    g.add_time(clause)
    return sentence(clause.say(), "?" if clause.question else ".")


@frame(22)
def transitive(g: Grammar) -> Text:
    """Say "Ela lê o livro."."""
    return finish(g, g.act("transitive", **g.features()))


@frame(8)
def prepositional(g: Grammar) -> Text:
    """Say "Ele confia na amiga."."""
    return finish(g, g.act("prepositional", **g.features()))


@frame(7)
def intransitive(g: Grammar) -> Text:
    """Say "O João saiu.", "Levantaste-te tarde."."""
    clause = g.act("intransitive", "reflexive", **g.features())
    if g.chance(0.45):
        clause.rest.insert(0, g.place())
    return finish(g, clause)


@frame(1)
def animal(g: Grammar) -> Text:
    """Say "O tubarão vai morder.", "As abelhas não voaram."."""
    return finish(g, g.act("animal", **g.features()))


@frame(4)
def to_a_place(g: Grammar) -> Text:
    """Say "A Maria entra no jardim."."""
    return finish(g, g.act("place", **g.features()))


@frame(3)
def with_company(g: Grammar) -> Text:
    """Say "Esquiarás com a Ana."."""
    clause = g.act(among=g.lexicon.verbs_named(*_TOGETHER), **g.features())
    other = g.person()
    if other.en == clause.subject.en:
        raise Unsuitable
    clause.rest.insert(0, Text(contract("com", other.pt_object), f"with {other.en_object}"))
    return finish(g, clause)


@frame(4)
def somewhere(g: Grammar) -> Text:
    """Say "O irmão dela bebia sumo no hospital."."""
    verbs = [v for v in g.lexicon.verbs_named(*_ANYWHERE) if v.frame == "transitive"]
    clause = g.act(among=tuple(verbs), **g.features())
    clause.rest.insert(0, g.place())
    return finish(g, clause)


@frame(3)
def in_some_manner(g: Grammar) -> Text:
    """Say "Ela examinou a mão depressa."."""
    verbs = g.lexicon.plain("intransitive") + g.lexicon.plain("transitive")
    clause = g.act(among=verbs, **g.features())
    clause.rest.insert(0, g.text("manner"))
    return finish(g, clause)


@frame(8)
def with_control(g: Grammar) -> Text:
    """Say "Quero ler o livro", "Gosto de nadar": one verb takes another's infinitive."""
    control = g.pick(g.lexicon.frame("infinitive", "gerund"))
    verbs = g.lexicon.plain(*_VERBS) + g.lexicon.frame("reflexive")
    verbs = tuple(v for v in verbs if v.flag != "once")
    features = g.features()
    if control.flag == "":
        features["tense"] = g.one_of("present", "preterite", "preterite", "going_to", "future")
    return finish(g, g.act(among=verbs, control=control, **features))


@frame(6)
def with_modal(g: Grammar) -> Text:
    """Say "Ela pode abrir a porta.", "Devemos sair."."""
    return finish(g, g.act(*_VERBS, tense=g.one_of("can", "should"), **g.features()))


@frame(3)
def had_done(g: Grammar) -> Text:
    """Say "Eles já tinham aberto a caixa."."""
    verbs = g.lexicon.plain("transitive", "intransitive", "prepositional")
    return finish(g, g.act(among=verbs, tense="pluperfect", before=Text("já", "already")))


@frame(5)
def object_pronoun(g: Grammar) -> Text:
    """Say "Ajudei-o", "Não a comprei", "Vão convidar-me"."""
    main = g.pick(g.lexicon.frame("transitive"))
    human = [noun.is_human for noun in main.objects]
    if " " in main.en or (any(human) and not all(human)):
        raise Unsuitable
    clitic = Text(*g.one_of(*(_HUMAN_CLITICS if all(human) else _THING_CLITICS)))
    subject = g.human() if clitic.pt in ("me", "te", "nos") else g.person()
    if subject.person == 1:  # "ajuda-lo" for "ajudas-o" is hardly said
        raise Unsuitable
    return finish(g, g.clause(main, subject, clitic=clitic, **g.features()))


@frame(8)
def giving(g: Grammar) -> Text:
    """Say "Ele ensinou-te biologia.", "Elas dariam o figo à criança."."""
    if g.chance(0.5):
        clause = g.act("ditransitive", **g.features())
        other = g.human()
        clause.rest.insert(0, Text(contract("a", other.pt), f"to {other.en}"))
        return finish(g, clause)
    pt, en = g.one_of(("me", "me"), ("te", "you"), ("nos", "us"))
    subject = g.one_of(g.human(), *PRONOUNS[2:4]) if g.chance(0.5) else g.human()
    clause = g.act("ditransitive", subject=subject, clitic=Text(pt, en), **g.features())
    if clause.verb.pt in _NEEDS_TO:
        clause.clitic = Text(pt, "")
        clause.rest.insert(0, Text("", f"to {en}"))
    return finish(g, clause)


@frame(7)
def adverbial_question(g: Grammar) -> Text:
    """Say "Onde é que o primo trabalha?"."""
    word = g.one_of("where", "when", "when", "why", "why", "how")
    verbs = g.lexicon.plain("transitive", "intransitive", "prepositional")
    verbs += g.lexicon.frame("reflexive")
    tense = g.one_of("present", "preterite", "preterite", "going_to", "future")
    if word == "why":
        tense = g.one_of("present", "progressive", "preterite")
    clause = g.act(among=verbs, tense=tense, question="adverb", asked=_QUESTION_WORDS[word])
    if clause.subject.person == 3 and clause.verb.past_looks_present and tense == "preterite":
        raise Unsuitable
    return sentence(clause.say(), "?")


def _asking_object(g: Grammar, verb: Verb, asked: Text, **features: object) -> Text:
    clause = g.clause(verb, question="object", asked=asked, **features)
    if clause.rest:
        raise Unsuitable
    return sentence(clause.say(), "?")


@frame(5)
def object_question(g: Grammar) -> Text:
    """Say "O que é que a Ana comprou?", "Com quem é que falaste?"."""
    main = g.pick(g.lexicon.frame("transitive", "prepositional"))
    human = [noun.is_human for noun in main.objects]
    if any(human) and not all(human):
        raise Unsuitable
    word = Text("quem", "who") if all(human) else Text("o que", "what")
    if main.preposition:
        word = Text(contract(main.preposition, word.pt.removeprefix("o ")), word.en)
    return _asking_object(g, main, word)


@frame(3)
def how_many(g: Grammar) -> Text:
    """Say "Quantas omeletes é que eles fizeram?"."""
    verbs = g.lexicon.plain("transitive")
    clause = g.act(among=verbs, tense=g.one_of("present", "preterite", "going_to"))
    nouns = [noun for noun in clause.verb.objects if noun.number == "count"]
    if not nouns:
        raise Unsuitable
    things = noun_phrase(g.pick(nouns), NO_DETERMINER, plural=True)
    word = "quantas" if things.gender == "f" else "quantos"
    asked = Text(f"{word} {things.pt}", f"how many {things.en}")
    return _asking_object(g, clause.verb, asked, tense=clause.tense)


@frame(3)
def who_did_it(g: Grammar) -> Text:
    """Say "Quem reparou o aquecedor?"."""
    tense = g.one_of("preterite", "preterite", "going_to", "present")
    clause = g.act(among=g.lexicon.plain(*_VERBS), subject=Phrase("quem", "who"), tense=tense)
    g.add_time(clause, 0.4)
    return sentence(clause.say(), "?")


@frame(4)
def command(g: Grammar) -> Text:
    """Say the polite imperative ("Feche a porta, por favor.") or the negative one by name."""
    verbs = g.lexicon.plain("transitive", "prepositional") + g.lexicon.frame("reflexive")
    by_name = g.chance(0.4)
    negative = by_name or g.chance(0.3)
    nobody = Phrase("", "", person=1 if by_name else 2)
    clause = g.act(among=verbs, subject=nobody, tense="subjunctive", negative=negative)
    thing = clause.object.en_object if clause.object else ""
    said = Text(clause.portuguese(), join("don't" if negative else "", clause.verb.en, thing).en)
    if by_name:
        name = g.pick(g.lexicon.names)
        return sentence(join(Text(f"{name.pt},", f"{name.en},"), said), "!")
    please = Text(", por favor", ", please") if g.chance(0.6) else Text("", "")
    return sentence(Text(said.pt + please.pt, said.en + please.en))


_BODY_VERBS = {
    verb("lavar", "wash"): "mão pé rosto cabelo dente braço",
    verb("partir", "break", "once"): "braço perna dedo nariz dente tornozelo pulso",
    verb("abrir", "open"): "olho boca mão",
    verb("fechar", "close"): "olho boca mão",
    verb("cortar", "cut"): "cabelo dedo mão",
    verb("queimar", "burn", "once"): "mão dedo boca rosto braço",
    verb("secar", "dry"): "cabelo rosto mão",
}
_OWNERS = {"I": "my", "you": "your", "he": "his", "she": "her", "we": "our", "they": "their"}


@frame(3)
def own_body(g: Grammar) -> Text:
    """Say "Partiu o braço": what is one's own takes "the" in Portuguese, "his" in English."""
    main = g.one_of(*_BODY_VERBS)
    nouns = [n for n in g.lexicon.category("body") if n.pt in _BODY_VERBS[main].split()]
    noun, subject = g.pick(nouns), g.person()
    if subject.is_plural and subject not in PRONOUNS:
        raise Unsuitable
    owner = _OWNERS.get(subject.en) or {"m": "his", "f": "her"}[subject.gender]
    thing = g.the(noun, plural=noun.pt in ("mão", "pé", "dente", "olho") or subject.is_plural)
    clause = g.clause(main, subject, **g.features())
    owner = _OWNERS.get(clause.subject.en, owner)  # a question may have changed its subject
    clause.object = Phrase(thing.pt, thing.en.replace("the", owner, 1))
    return finish(g, clause)
