"""Frames of more than one clause."""

from __future__ import annotations

from tf_transformer.data.phrasebook import english
from tf_transformer.data.phrasebook.clause import Clause, Text
from tf_transformer.data.phrasebook.frames import Unsuitable, frame, join, sentence
from tf_transformer.data.phrasebook.frames_actions import action, add_object
from tf_transformer.data.phrasebook.frames_descriptions import copula, gendered
from tf_transformer.data.phrasebook.grammar import SER, Grammar, verb
from tf_transformer.data.phrasebook.lexicon import Entry
from tf_transformer.data.phrasebook.phrases import PRONOUNS, Phrase, noun_phrase
from tf_transformer.data.phrasebook.portuguese import agree, conjugate, contract, participle

_SIMPLE = ("transitive", "intransitive", "reflexive", "prepositional")
JUDGEMENTS = [
    Entry("importante", "important"),
    Entry("fácil", "easy"),
    Entry("difícil", "hard"),
    Entry("melhor", "better"),
    Entry("necessário", "necessary"),
    Entry("perigoso", "dangerous"),
    Entry("possível", "possible"),
    Entry("normal", "normal"),
]


def bare_infinitive(g: Grammar) -> tuple[Text, Text]:
    """Says "comprar pão" with "buy bread", and the same with "buying"."""
    frames = ("transitive", "intransitive", "prepositional", "place")
    main = g.verb(*frames)
    while main.is_reflexive or main.flag in ("stative", "once"):
        main = g.verb(*frames)
    clause = Clause(Phrase("", ""), main)
    add_object(g, clause)
    pt, en = main.infinitive, ""
    if clause.object:
        pt_object = clause.object.pt_object
        preposition = main.preposition
        pt += " " + (contract(preposition, pt_object) if preposition else pt_object)
        en = " " + clause.object.en_object
    return Text(pt, main.en + en), Text(pt, english.inflect(main.en, "ing") + en)


def plain(g: Grammar, subject: Phrase | None = None, **more) -> Clause:
    """Makes a short clause with a simple verb."""
    clause = g.clause(g.verb(*_SIMPLE), subject, **more)
    add_object(g, clause)
    return clause


@frame(5)
def says_that(g: Grammar) -> Text:
    main = g.verb("clause")
    tense = g.one_of("present", "present", "preterite")
    outer = g.clause(main, g.person(), tense=tense, negative=g.chance(0.15))
    outer.rest.clear()
    if tense == "preterite" and outer.subject.person == 3 and main.past_looks_present:
        raise Unsuitable
    inner = plain(g, g.human() if g.chance(0.5) else None, subordinate=True)
    inner.drop = False
    that = f"{main.preposition} que".strip()
    return sentence(join(outer.say(), Text(that, "that"), inner.say()))


@frame(5)
def two_clauses(g: Grammar) -> Text:
    link = g.one_of(Text("e", "and"), Text(", mas", ", but"), Text("porque", "because"))
    first = plain(g, g.human() if g.chance(0.6) else None)
    subordinate = link.en == "because"
    tense = first.tense if g.chance(0.7) else None
    if tense in ("imperfect", "going", "habitual", "perfect", "recent"):
        tense = None
    more = {"subordinate": subordinate}
    second = plain(g, **more) if not tense else _same_tense(g, tense, more)
    second.drop = False
    return sentence(join(first.say(), link, second.say()))


def _same_tense(g: Grammar, tense: str, more: dict) -> Clause:
    main = g.verb(*_SIMPLE)
    if main.flag:
        tense = g.tense(main)
    clause = g.clause(main, tense=tense, **more)
    add_object(g, clause)
    return clause


@frame(4)
def when_and_if(g: Grammar) -> Text:
    """ "Quando a Ana chegar, vamos jantar": a future subjunctive where English has a present."""
    word = g.one_of(Text("quando", "when"), Text("se", "if"), Text("assim que", "as soon as"))
    first = plain(g, g.human() if g.chance(0.6) else None, tense="future_subjunctive")
    if first.verb.flag in ("stative", "go"):
        raise Unsuitable
    first.subordinate, first.drop = True, False
    main = g.verb(*_SIMPLE)
    if main.flag:
        main = g.verb("intransitive")
    second = g.clause(main, tense=g.one_of("going_to", "future"))
    add_object(g, second)
    said = first.say()
    return sentence(join(word, Text(said.pt + ",", said.en + ","), second.say()))


@frame(3)
def if_it_were(g: Grammar) -> Text:
    """ "Se eu tivesse dinheiro, compraria um carro.": "If I had money, I would buy a car."."""
    first = plain(g, g.person(), tense="imperfect_subjunctive")
    first.subordinate, first.drop = True, False
    main = g.verb("transitive", "intransitive", "prepositional")
    while main.is_reflexive:
        main = g.verb("transitive", "intransitive", "prepositional")
    second = g.clause(main, tense="conditional")
    add_object(g, second)
    said = first.say()
    return sentence(join(Text("se", "if"), Text(said.pt + ",", said.en + ","), second.say()))


@frame(3)
def while_doing(g: Grammar) -> Text:
    first = plain(g, tense="past_progressive")
    second = plain(g, g.human(), tense="past_progressive")
    if first.verb.flag or second.verb.flag:
        raise Unsuitable
    second.subordinate = True
    return sentence(join(first.say(), Text("enquanto", "while"), second.say()))


@frame(5)
def wants_someone_to(g: Grammar) -> Text:
    """A present subjunctive where English has an infinitive or a present."""
    kind = g.one_of(
        ("querer", "want", ""),
        ("esperar", "hope", "that"),
        ("duvidar", "doubt", "that"),
        ("preferir", "prefer", "that"),
    )
    kind = kind if kind[0] != "preferir" else ("querer", "want", "")
    outer = g.clause(verb(kind[0], kind[1], "stative"), g.person(), tense="present")
    inner = plain(g, g.person(), tense="subjunctive")
    if inner.verb.flag == "stative" and not kind[2]:
        raise Unsuitable
    if inner.subject.pt == outer.subject.pt or {inner.subject.en, outer.subject.en} <= {"you"}:
        raise Unsuitable
    inner.subordinate, inner.drop = True, False
    said = inner.say()
    if kind[2]:
        return sentence(join(outer.say(), Text("que", "that"), said))
    thing = inner.object.en_object if inner.object else ""
    en = join(inner.subject.en_object, "to", inner.verb.en, thing).en
    return sentence(join(outer.say(), Text(f"que {said.pt}", en)))


@frame(4)
def it_is_important(g: Grammar) -> Text:
    """The personal infinitive: "É melhor estudarmos.", "It is better for us to study."."""
    word = g.pick(JUDGEMENTS)
    be = g.one_of(
        Text("é", "it is"), Text("é", "it is"), Text("era", "it was"), Text("será", "it will be")
    )
    not_ = g.chance(0.2)
    be = (
        Text(
            f"não {be.pt}",
            be.en.replace("is", "isn't").replace("was", "wasn't").replace("will be", "won't be"),
        )
        if not_
        else be
    )
    if g.chance(0.4):
        infinitive, _ = bare_infinitive(g)
        return sentence(
            join(be, Text(word.pt, word.en), Text(infinitive.pt, f"to {infinitive.en}"))
        )
    subject = g.one_of(*PRONOUNS[1:])
    main = g.verb("transitive", "intransitive", "prepositional")
    while main.is_reflexive or main.flag:
        main = g.verb("transitive", "intransitive", "prepositional")
    clause = Clause(subject, main)
    add_object(g, clause)
    form = conjugate(main.infinitive, "infinitive")[subject.person]
    pt = f"{subject.pt} {form}" if subject.person != 3 or g.chance(0.4) else form
    en = f"for {subject.en_object} to {main.en}"
    if clause.object:
        oblique = clause.object.pt_object
        pt += " " + (contract(main.preposition, oblique) if main.preposition else oblique)
        en += " " + clause.object.en_object
    return sentence(join(be, Text(word.pt, word.en), Text(pt, en)))


@frame(5)
def before_after_to(g: Grammar) -> Text:
    """ "Saiu sem pagar", "Vou à loja para comprar pão": infinitives after prepositions."""
    link = g.one_of(
        Text("antes de", "before"),
        Text("depois de", "after"),
        Text("sem", "without"),
        Text("para", "to"),
    )
    first = plain(g)
    while first.verb.flag or first.tense in (
        "perfect",
        "recent",
        "progressive",
        "past_progressive",
    ):
        first = plain(g)
    infinitive, gerund = bare_infinitive(g)
    second = infinitive if link.en == "to" else gerund
    return sentence(join(first.say(), link, second))


@frame(7)
def passive(g: Grammar) -> Text:
    """ "A carta foi escrita pela Ana.": the participle agrees in Portuguese."""
    main = g.verb("transitive")
    if main.flag == "stative" or " " in main.en:
        raise Unsuitable
    noun = g.pick(main.objects)
    thing = g.about(noun) if noun.number != "mass" else g.the(noun)
    done = participle(main.infinitive, passive=True)
    be = verb("ser", "be")
    tense = g.one_of("preterite", "preterite", "preterite", "future", "going_to")
    clause = Clause(
        thing, be, tense, negative=g.chance(0.18), question="yes-no" if g.chance(0.1) else ""
    )
    en = english.inflect(main.en, "participle")
    clause.rest.append(Text(agree(done, thing.gender, thing.is_plural), en))
    if g.chance(0.6):
        agent = g.human()
        clause.rest.append(Text(contract("por", agent.pt), f"by {agent.en}"))
    g.add_time(clause, 0.3)
    return sentence(clause.say(), "?" if clause.question else ".")


@frame(7)
def with_relative(g: Grammar) -> Text:
    """ "O homem que comprou o carro é médico.", "O livro que li é interessante."."""
    if g.chance(0.5):
        return _who_relative(g)
    main = g.verb("transitive")
    noun = g.pick([n for n in main.objects])
    found = [a for a in g.adjectives_of[noun] if a.flag != "pred"]
    if noun.is_human or not found or noun.category == "family":
        return _who_relative(g)
    plural = g.chance(0.25)
    head = g.the(noun, plural=plural)
    tense = "present" if main.flag == "stative" else "preterite"
    clause = g.clause(main, g.person(), tense=tense, subordinate=True)
    clause.rest.clear()
    if tense == "preterite" and clause.subject.person == 3 and main.past_looks_present:
        clause.rest.append(g.adverb_text("past"))
    said = clause.say()
    subject = Phrase(
        f"{head.pt} que {said.pt}",
        f"{head.en} that {said.en}",
        head.person,
        head.gender,
        head.agreement,
    )
    whole = copula(g, subject, g.pick(found))
    whole.drop = False
    return sentence(whole.say())


def _who_relative(g: Grammar) -> Text:
    noun = g.noun("person", "profession")
    plural, woman = g.chance(0.25), g.chance(0.5)
    head = g.the(noun, plural=plural, woman=woman)
    who = Phrase("que", "who", head.person, head.gender, head.agreement)
    clause = plain(g, who)
    clause.drop = False
    said = clause.say()
    subject = Phrase(
        f"{head.pt} {said.pt}", f"{head.en} {said.en}", head.person, head.gender, head.agreement
    )
    kind = g.one_of("adjective", "profession", "is where")
    if kind == "is where":
        rest = g.place()
        return sentence(Clause(subject, verb("estar", "be"), "present", rest=[rest]).say())
    if kind == "profession" and not plural:
        job = g.noun("profession")
        if head.gender == "f" and not job.feminine or job is noun:
            job = noun
        else:
            what = noun_phrase(job, g.determiner("bare"), woman=head.gender == "f")
            whole = Clause(subject, SER, object=Phrase(what.pt, english.with_article(what.en)))
            return sentence(whole.say())
    found = [a for a in g.adjectives_of[noun] if a.flag != "before"]
    return sentence(copula(g, subject, g.pick(found)).say())


@frame(3)
def opening(g: Grammar) -> Text:
    """ "Felizmente, a Ana encontrou a chave."."""
    word = g.adverb_text("opening")
    clause = plain(g, g.human() if g.chance(0.6) else None)
    return sentence(join(Text(word.pt + ",", word.en + ","), clause.say()))


@frame(2)
def am_like(g: Grammar) -> Text:
    """ "Estou cansado, mas feliz.": two adjectives agree with one subject."""
    subject = gendered(g, g.person())
    people = g.words(g.lexicon.category, "person")
    kind = g.one_of("ser", "estar")
    found = [
        a
        for a in g.lexicon.adjectives
        if a.copula == kind and people[0] in a.nouns and a.flag != "before"
    ]
    first, second = g.pick(found), g.pick(found)
    if first is second:
        raise Unsuitable
    clause = copula(g, subject, first)
    link = g.one_of(Text("e", "and"), Text("mas", "but"))
    form = agree(second.pt, subject.gender, subject.is_plural)
    clause.rest.append(join(link, Text(form, second.en)))
    return sentence(clause.say())
