"""Frames of more than one clause."""

from __future__ import annotations

from dataclasses import replace

from tf_transformer.phrasebook import english
from tf_transformer.phrasebook.clause import Clause, Text
from tf_transformer.phrasebook.frames import Unsuitable, frame, join, sentence
from tf_transformer.phrasebook.frames_descriptions import copula, statement
from tf_transformer.phrasebook.grammar import ESTAR, SER, Grammar, verb
from tf_transformer.phrasebook.lexicon import Entry, Noun
from tf_transformer.phrasebook.phrases import PRONOUNS, Phrase, noun_phrase
from tf_transformer.phrasebook.portuguese import agree, conjugate, contract, participle

_SIMPLE = ("transitive", "intransitive", "reflexive", "prepositional")
_JUDGEMENTS = [
    Entry("importante", "important"),
    Entry("fácil", "easy"),
    Entry("difícil", "hard"),
    Entry("melhor", "better"),
    Entry("necessário", "necessary"),
    Entry("perigoso", "dangerous"),
    Entry("possível", "possible"),
    Entry("normal", "normal"),
]


def comma(text: Text) -> Text:
    """Add a comma in both languages."""
    return Text(text.pt + ",", text.en + ",")


def someone(g: Grammar) -> Phrase:
    """Say a person, mostly by name or noun."""
    return g.human() if g.chance(0.6) else g.person()


def infinitive(g: Grammar, form: str = "base") -> Text:
    """Say "comprar pão" with "buy bread" or, if `form` is "ing", "buying bread"."""
    verbs = g.lexicon.plain("transitive", "intransitive", "prepositional")
    clause = g.act(among=verbs, subject=Phrase("", ""), tense="future")
    act = Text(clause.verb.infinitive, english.inflect(clause.verb.en, form))
    return join(act, object_text(clause) if clause.object else Text("", ""))


def object_text(clause: Clause) -> Text:
    """Say the object of a clause, after its verb's preposition."""
    thing, preposition = clause.object, clause.verb.preposition
    pt = contract(preposition, thing.pt_object) if preposition else thing.pt
    return Text(pt, thing.en_object)


def subordinate(g: Grammar, *frames: str, **features: object) -> Text:
    """Say a clause that follows a conjunction."""
    clause = g.act(*(frames or _SIMPLE), subordinate=True, **features)
    clause.drop = False
    return clause.say()


@frame(5)
def says_that(g: Grammar) -> Text:
    """Say "O senhor pensou que elas plantaram oliveiras."."""
    main = g.pick(g.lexicon.frame("clause"))
    tense = g.one_of("present", "present", "preterite")
    outer = g.clause(main, g.person(), tense=tense, negative=g.chance(0.15))
    if outer.rest:
        raise Unsuitable
    that = Text(f"{main.preposition} que".strip(), "that")
    return sentence(join(outer.say(), that, subordinate(g, subject=someone(g))))


@frame(6)
def two_clauses(g: Grammar) -> Text:
    """Say "A Ana lê e o Pedro dorme.", "Corri porque o autocarro ia sair."."""
    tense = g.one_of("present", "preterite", "preterite", "going_to", "future", "habitual")
    verbs = g.lexicon.plain(*_SIMPLE) + g.lexicon.frame("reflexive")
    first = g.act(among=verbs, tense=tense, subject=someone(g))
    link = g.one_of(Text("e", "and"), Text(", mas", ", but"), Text("porque", "because"))
    more = {"subordinate": link.en == "because", "negative": link.en == ", but" and g.chance(0.7)}
    second = g.act(among=verbs, tense=tense, subject=someone(g), **more)
    second.drop = False
    return sentence(join(first.say(), link, second.say()))


@frame(5)
def when_it_happens(g: Grammar) -> Text:
    """Say "Quando a Ana chegar, vamos jantar.": a future subjunctive for an English present."""
    word = g.one_of(Text("quando", "when"), Text("se", "if"), Text("assim que", "as soon as"))
    verbs = g.lexicon.plain(*_SIMPLE) + g.lexicon.frame("reflexive")
    first = g.act(among=verbs, subject=someone(g), tense="future_subjunctive", subordinate=True)
    first.drop = False
    second = g.act(among=verbs, subject=someone(g), tense=g.one_of("going_to", "future"))
    return sentence(join(word, comma(first.say()), second.say()))


@frame(4)
def if_it_were(g: Grammar) -> Text:
    """Say "Se eu tivesse dinheiro, compraria um carro.": "If I had money, I would buy a car."."""
    first = subordinate(g, tense="imperfect_subjunctive", subject=g.person())
    verbs = g.lexicon.plain("transitive", "intransitive", "prepositional")
    second = g.act(among=verbs, tense="conditional")
    return sentence(join(Text("se", "if"), comma(first), second.say()))


@frame(3)
def while_doing(g: Grammar) -> Text:
    """Say "Eu estava a dançar enquanto ele estava a ler."."""
    verbs = g.lexicon.plain(*_SIMPLE)
    first = g.act(among=verbs, tense="past_progressive")
    second = g.act(among=verbs, subject=g.human(), tense="past_progressive")
    return sentence(join(first.say(), Text("enquanto", "while"), second.say()))


@frame(4)
def hopes_that(g: Grammar) -> Text:
    """Say "Espero que ela venha.": a present subjunctive for an English present."""
    pt, en = g.one_of(("esperar", "hope"), ("duvidar", "doubt"))
    outer = g.clause(verb(pt, en, "stative"), g.person(), tense="present")
    inner = subordinate(g, tense="subjunctive", subject=g.person())
    return sentence(join(outer.say(), Text("que", "that"), inner))


@frame(4)
def wants_someone_to(g: Grammar) -> Text:
    """Say "Quero que tu leias o livro.": a subjunctive for an English infinitive."""
    outer = g.clause(verb("querer", "want", "stative"), g.person(), tense="present")
    verbs = g.lexicon.plain(*_SIMPLE)
    inner = g.act(among=verbs, subject=g.person(), tense="subjunctive", subordinate=True)
    inner.drop = False
    if inner.subject.en == outer.subject.en:
        raise Unsuitable
    thing = inner.object.en_object if inner.object else ""
    en = join(inner.subject.en_object, "to", inner.verb.en, thing).en
    return sentence(join(outer.say(), Text(f"que {inner.portuguese()}", en)))


_IT_IS = (
    (Text("é", "it is"), Text("não é", "it isn't")),
    (Text("era", "it was"), Text("não era", "it wasn't")),
    (Text("será", "it will be"), Text("não será", "it won't be")),
)


@frame(5)
def it_is_important(g: Grammar) -> Text:
    """Say the personal infinitive: "É melhor estudarmos.", "It is better for us to study."."""
    word = g.pick(_JUDGEMENTS)
    be = g.one_of(*_IT_IS)[g.chance(0.2)]
    judged = join(be, Text(word.pt, word.en))
    if g.chance(0.4):
        act = infinitive(g)
        return sentence(join(judged, Text(act.pt, f"to {act.en}")))
    verbs = g.lexicon.plain("transitive", "intransitive", "prepositional")
    clause = g.act(among=verbs, subject=g.one_of(*PRONOUNS[1:]), tense="future")
    subject, main = clause.subject, clause.verb
    form = conjugate(main.infinitive, "infinitive")[subject.person]
    pt = form if subject.person == 3 and g.chance(0.6) else f"{subject.pt} {form}"
    who = Text(pt, f"for {subject.en_object} to {main.en}")
    return sentence(join(judged, who, object_text(clause) if clause.object else Text("", "")))


@frame(5)
def before_and_after(g: Grammar) -> Text:
    """Say "Saiu sem pagar a conta.", "Viajei para ver o mar."."""
    pt, en = g.one_of(
        ("antes de", "before"), ("depois de", "after"), ("sem", "without"), ("para", "to")
    )
    tense = g.one_of("preterite", "preterite", "present", "going_to", "future")
    verbs = g.lexicon.plain(*_SIMPLE, "place") + g.lexicon.frame("reflexive")
    first = g.act(among=verbs, tense=tense)
    second = infinitive(g, "base" if en == "to" else "ing")
    return sentence(join(first.say(), Text(pt, en), second))


@frame(8)
def passive(g: Grammar) -> Text:
    """Say "A carta foi escrita pela Ana.": the participle agrees in Portuguese."""
    main = g.pick([v for v in g.lexicon.frame("transitive") if v.flag != "stative"])
    if " " in main.en:
        raise Unsuitable
    noun = g.pick(main.objects)
    thing = g.about(noun) if noun.number == "count" else g.the(noun)
    tense = g.one_of("preterite", "preterite", "preterite", "future", "going_to")
    clause = Clause(thing, verb("ser", "be"), tense, negative=g.chance(0.18))
    clause.question = "yes-no" if not clause.negative and g.chance(0.12) else ""
    done = agree(participle(main.infinitive, passive=True), thing.gender, thing.is_plural)
    clause.rest.append(Text(done, english.inflect(main.en, "participle")))
    if g.chance(0.6):
        agent = g.human()
        clause.rest.append(Text(contract("por", agent.pt), f"by {agent.en}"))
    g.add_time(clause, 0.35)
    return statement(clause)


@frame(5)
def thing_that(g: Grammar) -> Text:
    """Say "O livro que comprei é interessante."."""
    main = g.pick([v for v in g.lexicon.frame("transitive") if not v.is_reflexive])
    noun = g.pick(main.objects)
    adjective = g.predicate(noun)
    if noun.is_human or not adjective:
        raise Unsuitable
    head = g.the(noun, plural=g.chance(0.25))
    tense = "present" if main.flag == "stative" else "preterite"
    clause = g.clause(main, g.person(), tense=tense, subordinate=True)
    return statement(copula(g, _with_relative(head, "que", "that", clause), adjective))


@frame(3)
def person_with_whom(g: Grammar) -> Text:
    """Say "A mulher com quem falei é médica.", "The woman that I talked to is a doctor."."""
    verbs = [v for v in g.lexicon.frame("prepositional") if all(n.is_human for n in v.objects)]
    main, noun = g.pick(verbs), g.noun("person", "profession")
    head = g.the(noun, woman=g.chance(0.5))
    tense = "present" if main.flag == "stative" else "preterite"
    clause = g.clause(main, g.person(), tense=tense, subordinate=True)
    head = _with_relative(head, f"{main.preposition} quem", "that", clause)
    return _and_is(g, noun, head)


@frame(5)
def person_who(g: Grammar) -> Text:
    """Say "O homem que comprou a casa é médico."."""
    noun = g.noun("person", "profession")
    head = g.the(noun, plural=g.chance(0.25), woman=g.chance(0.5))
    clause = g.act(*_SIMPLE, subject=replace(head, pt="que", en="who"))
    return _and_is(g, noun, _with_relative(head, "", "", clause))


def _with_relative(head: Phrase, pt: str, en: str, clause: Clause) -> Phrase:
    said = join(Text(head.pt, head.en), Text(pt, en), clause.say())
    return replace(head, pt=said.pt, en=said.en)


def _and_is(g: Grammar, noun: Noun, subject: Phrase) -> Text:
    kind = g.one_of("quality", "profession", "place")
    if kind == "place":
        return sentence(Clause(subject, ESTAR, rest=[g.place()]).say())
    if kind == "quality":
        return statement(copula(g, subject, g.predicate(noun)))
    job = g.noun("profession")
    if job is noun or (subject.gender == "f" and not job.feminine):
        raise Unsuitable
    woman, plural = subject.gender == "f", subject.is_plural
    what = noun_phrase(job, g.determiner("bare"), plural=plural, woman=woman)
    en = what.en if plural else english.with_article(what.en)
    return sentence(Clause(subject, SER, object=Phrase(what.pt, en)).say())


@frame(3)
def opening(g: Grammar) -> Text:
    """Say "Felizmente, a Ana encontrou a chave."."""
    clause = g.act(*_SIMPLE, subject=someone(g), **({"negative": True} if g.chance(0.25) else {}))
    return sentence(join(comma(g.text("opening")), clause.say()))
