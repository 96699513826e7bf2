"""Frames about what people and things are like, and whose they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tf_transformer.phrasebook import english
from tf_transformer.phrasebook.clause import Clause, Text
from tf_transformer.phrasebook.frames import Unsuitable, frame, join, sentence
from tf_transformer.phrasebook.grammar import ESTAR, SER, Grammar, verb
from tf_transformer.phrasebook.lexicon import Adjective, Noun
from tf_transformer.phrasebook.phrases import Phrase, named, noun_phrase, owned
from tf_transformer.phrasebook.portuguese import agree, contract

FICAR = verb("ficar", "become", "once")
PARECER = verb("parecer", "seem", "stative")
SENTIR_SE = verb("sentir-se", "feel")
_GOODS = ("clothes", "thing", "device", "furniture", "vehicle", "instrument", "reading")
# States that one is in or out of, so that nobody becomes or feels them.
_PLAIN_STATES = ("dead", "alive", "seated", "armed", "awake", "unconscious", "divorced")


def statement(clause: Clause) -> Text:
    """Say a clause with its full stop or question mark."""
    return sentence(clause.say(), "?" if clause.question else ".")


def copula(g: Grammar, subject: Phrase, adjective: Adjective, **more: Any) -> Clause:
    """Make a clause that says what its subject is like."""
    be = ESTAR if adjective.copula == "estar" else SER
    more.setdefault("tense", g.one_of("present", "present", "present", "imperfect", "imperfect"))
    clause = g.clause(be, subject, **more)
    clause.rest.insert(0, quality(g, gendered(g, clause), adjective))
    return clause


def quality(g: Grammar, subject: Phrase, adjective: Adjective, degree: float = 0.4) -> Text:
    """Say an adjective that agrees with a subject, now and then with its degree."""
    form = Text(agree(adjective.pt, subject.gender, subject.is_plural), adjective.en)
    if adjective.flag in ("absolute", "attributive") or not g.chance(degree):
        return form
    return join(g.text("degree"), form)


def gendered(g: Grammar, clause: Clause) -> Phrase:
    """Return a clause's subject; "eu", "tu", "nós" and "vocês" are women half of the time."""
    if clause.subject.pt in ("eu", "tu", "nós", "vocês") and g.chance(0.5):
        return replace(clause.subject, gender="f")
    return clause.subject


def described(g: Grammar) -> tuple[Noun, Adjective]:
    """Pick a noun and an adjective that can be said of it."""
    if g.chance(0.5):
        noun = g.pick(g.lexicon.nouns)
        adjective = g.predicate(noun)
        if not adjective:
            raise Unsuitable
        return noun, adjective
    adjective = g.pick(g.lexicon.adjectives)
    if adjective.flag == "attributive":
        raise Unsuitable
    return g.pick(adjective.nouns), adjective


def comparable(g: Grammar) -> Adjective:
    """Pick an adjective that has degrees and suits many nouns."""
    adjectives = g.lexicon.adjectives
    return g.pick([a for a in adjectives if a.copula == "ser" and not a.flag and a.nouns[5:]])


@frame(17)
def is_like(g: Grammar) -> Text:
    """Say "O cobertor estava molhado."."""
    noun, adjective = described(g)
    if noun.is_human and g.chance(0.5):
        subject = g.person()
    else:
        subject = g.about(noun) if noun.number == "count" else g.the(noun)
    return statement(copula(g, subject, adjective, **g.features()))


@frame(3)
def will_be_like(g: Grammar) -> Text:
    """Say "O urso será pesado.", "O forno seria estranho."."""
    noun, adjective = described(g)
    subject = g.about(noun) if noun.number == "count" else g.the(noun)
    return statement(copula(g, subject, adjective, tense=g.one_of("future", "conditional")))


@frame(4)
def becomes(g: Grammar) -> Text:
    """Say "Ficou triste", "parece cansada", "sentimo-nos sozinhos"."""
    states = [a for a in g.lexicon.adjectives if a.copula == "estar" and a.nouns[0].is_human]
    adjective = g.pick([a for a in states if a.en not in _PLAIN_STATES])
    main, tense = g.one_of(
        (FICAR, "preterite"),
        (FICAR, "going_to"),
        (PARECER, "present"),
        (PARECER, "imperfect"),
        (SENTIR_SE, "present"),
    )
    clause = g.clause(main, g.person(), tense=tense, negative=g.chance(0.2))
    clause.rest.insert(0, quality(g, gendered(g, clause), adjective))
    return statement(clause)


@frame(3)
def two_qualities(g: Grammar) -> Text:
    """Say "Estou cansada, mas feliz.": two adjectives agree with one subject."""
    kind, person = g.one_of("ser", "estar"), g.lexicon.category("person")[0]
    found = [a for a in g.lexicon.adjectives if a.copula == kind and person in a.nouns]
    first, second = g.pick(found), g.pick(found)
    if first is second or {first.flag, second.flag} & {"before", "attributive"}:
        raise Unsuitable
    clause = copula(g, g.person(), first)
    is_feminine = clause.rest[0].pt.endswith(agree(first.pt, "f", clause.subject.is_plural))
    form = agree(second.pt, "f" if is_feminine else "m", clause.subject.is_plural)
    if agree(first.pt, "f", False) == first.pt:  # the first does not tell the gender
        form = agree(second.pt, clause.subject.gender, clause.subject.is_plural)
    clause.rest.append(join(Text("e", "and"), Text(form, second.en)))
    return statement(clause)


@frame(7)
def this_is(g: Grammar) -> Text:
    """Say "Esta é uma casa moderna.", "Aqueles são livros raros."."""
    adjective = g.pick(g.lexicon.adjectives)
    noun = g.pick(adjective.nouns)
    if adjective.flag == "pred" or noun.number != "count" or noun.category == "family":
        raise Unsuitable
    many = g.chance(0.3)
    det = g.determiner("bare" if many else "indefinite")
    what = noun_phrase(noun, det, plural=many, adjective=adjective, woman=g.chance(0.5))
    this = g.determiner("demonstrative")
    word = Phrase(
        *(this.forms[what.gender, many], this.en_forms[many]),
        *(what.person, what.gender, what.agreement),
    )
    tense = g.one_of("present", "present", "imperfect")
    return statement(Clause(word, SER, tense, object=what, negative=g.chance(0.25)))


@frame(2)
def what_a(g: Grammar) -> Text:
    """Say "Que casa tão bonita!": an exclamation."""
    adjective = comparable(g)
    noun = g.pick([n for n in adjective.nouns if n.number == "count"])
    what = noun_phrase(noun, g.determiner("indefinite"), adjective=adjective, woman=g.chance(0.5))
    return sentence(Text(f"que {what.pt.split(' ', 1)[1]}", f"what {what.en}"), "!")


@frame(7)
def comparison(g: Grammar) -> Text:
    """Say "A Ana é mais alta do que o Pedro.", "Isto não é tão caro como aquilo."."""
    adjective = comparable(g)
    noun = g.pick(adjective.nouns)
    rivals = [n for n in adjective.nouns if n.category == noun.category and n is not noun]
    if noun.is_human:
        subject, other = g.person(), g.human()
    elif noun.number == "count" and rivals:
        subject, other = g.about(noun), g.about(g.pick(rivals))
    else:
        raise Unsuitable
    if subject.en == other.en:
        raise Unsuitable
    kind = g.one_of("more", "more", "as", "not as")
    tense = g.one_of("present", "present", "imperfect")
    clause = g.clause(SER, subject, tense=tense, negative=kind == "not as")
    owner = gendered(g, clause)
    form = agree(adjective.pt, owner.gender, owner.is_plural)
    if kind == "more":
        more = english.compare(adjective.en, "comparative")
        words = Text(
            f"{_more(adjective, form, owner)} do que {other.pt}", f"{more} than {other.en}"
        )
    else:
        words = Text(f"tão {form} como {other.pt}", f"as {adjective.en} as {other.en}")
    clause.rest.insert(0, words)
    return statement(clause)


def _more(adjective: Adjective, form: str, subject: Phrase) -> str:
    if adjective.pt == "grande":
        return "maiores" if subject.is_plural else "maior"
    return f"mais {form}"


@frame(4)
def superlative(g: Grammar) -> Text:
    """Say "A Ana é a aluna mais inteligente da escola."."""
    adjective = comparable(g)
    noun = g.pick([n for n in adjective.nouns if n.number == "count" and n.pt != "elevador"])
    woman = bool(noun.feminine) and g.chance(0.5)
    definite = g.determiner("definite")
    best = noun_phrase(noun, definite, woman=woman, adjective=adjective, degree="superlative")
    if noun.is_human:
        gender = "f" if woman else noun.gender
        subject = named(g.pick([name for name in g.lexicon.names if name.gender == gender]))
    else:
        this = g.determiner("demonstrative")
        subject = Phrase(this.forms[noun.gender, False], this.en_forms[0], 2, noun.gender)
    if adjective.pt == "grande":
        best = replace(best, pt=best.pt.replace("mais grande", "maior"))
    scope = g.noun("building", "outdoor")
    where = g.the(scope)
    clause = Clause(subject, SER, g.one_of("present", "imperfect"), object=best)
    clause.rest.append(Text(contract("de", where.pt), f"{scope.place} {where.en}"))
    return statement(clause)


@frame(6)
def profession(g: Grammar) -> Text:
    """Say "Ela é médica.": no article in Portuguese, "a" in English; or "quer ser médica"."""
    noun, subject = g.noun("profession"), g.person()
    control = None
    tense = g.one_of("present", "present", "imperfect", "future")
    if g.chance(0.3):
        wishes = ("querer", "decidir", "preferir", "esperar", "merecer")
        control = g.pick([v for v in g.lexicon.frame("infinitive") if v.pt in wishes])
        tense = "present" if control.flag else "preterite"
    clause = g.clause(SER, subject, tense=tense, control=control, **g.features())
    subject = gendered(g, clause)
    if (subject.gender == "f" and not noun.feminine) or clause.rest:
        raise Unsuitable
    what = noun_phrase(
        noun, g.determiner("bare"), plural=subject.is_plural, woman=subject.gender == "f"
    )
    en = what.en if subject.is_plural else english.with_article(what.en)
    clause.object = Phrase(what.pt, en)
    return statement(clause)


@frame(4)
def owned_thing(g: Grammar) -> Text:
    """Say "O carro do professor está avariado."."""
    noun = g.noun(*_GOODS, "animal")
    adjective = g.predicate(noun)
    if noun.number != "count" or not adjective:
        raise Unsuitable
    plural = g.chance(0.3)
    thing = owned(g.the(noun, plural=plural), g.human(), noun.en_plural if plural else noun.en)
    return statement(copula(g, thing, adjective, negative=g.chance(0.2)))


_MINE = {"mine": ("meu", "minha"), "yours": ("teu", "tua"), "ours": ("nosso", "nossa")}


@frame(3)
def is_mine(g: Grammar) -> Text:
    """Say "Este livro é meu.", "Aquela mala é da Ana."."""
    noun = g.noun(*_GOODS, "animal")
    subject = noun_phrase(noun, g.determiner("demonstrative"), plural=g.chance(0.3))
    clause = Clause(subject, SER, "present", negative=g.chance(0.25))
    if g.chance(0.5):
        owner = g.human()
        clause.rest.append(Text(contract("de", owner.pt), english.possessive(owner.en)))
    else:
        en = g.one_of(*_MINE)
        form = _MINE[en][subject.gender == "f"] + ("s" if subject.is_plural else "")
        clause.rest.append(Text(form, en))
    return statement(clause)


@frame(4)
def material(g: Grammar) -> Text:
    """Say "A mesa é feita de madeira."."""
    noun, stuff = g.noun("furniture", "clothes", "thing"), g.noun("material")
    clause = Clause(g.about(noun), verb("ser", "be"), "present", negative=g.chance(0.2))
    made = agree("feito", clause.subject.gender, clause.subject.is_plural)
    clause.rest.append(Text(f"{made} de {stuff.pt}", f"made of {stuff.en}"))
    return statement(clause)
