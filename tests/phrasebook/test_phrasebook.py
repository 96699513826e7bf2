"""The built-in corpus: its morphology, its splits and its TFDS builder."""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import subprocess
import sys
from collections import Counter

import pytest

from tf_transformer import phrasebook
from tf_transformer.phrasebook import english, generate, portuguese
from tf_transformer.phrasebook.chooser import Chooser
from tf_transformer.phrasebook.clause import Clause, Text
from tf_transformer.phrasebook.frames import FRAMES, Unsuitable
from tf_transformer.phrasebook.grammar import SER, Grammar, verb
from tf_transformer.phrasebook.lexicon import Entry, Lexicon, Name
from tf_transformer.phrasebook.numbers import UNITS, at_clock, feminine, period
from tf_transformer.phrasebook.phrases import PRONOUNS, Phrase
from tf_transformer.phrasebook.tables import words


@pytest.fixture(scope="module")
def corpus():
    return phrasebook.generate_splits()


@pytest.fixture(scope="module")
def sides(corpus):
    return {
        split: [set(side) for side in zip(*pairs, strict=True)] for split, pairs in corpus.items()
    }


# Portuguese.


@pytest.mark.parametrize(
    ("infinitive", "tense", "forms"),
    [
        ("falar", "present", "falo falas fala falamos falam"),
        ("falar", "preterite", "falei falaste falou falámos falaram"),
        ("comer", "imperfect", "comia comias comia comíamos comiam"),
        ("partir", "present", "parto partes parte partimos partem"),
        ("ser", "present", "sou és é somos são"),
        ("ser", "preterite", "fui foste foi fomos foram"),
        ("estar", "preterite", "estive estiveste esteve estivemos estiveram"),
        ("ter", "preterite", "tive tiveste teve tivemos tiveram"),
        ("ter", "imperfect", "tinha tinhas tinha tínhamos tinham"),
        ("fazer", "preterite", "fiz fizeste fez fizemos fizeram"),
        ("fazer", "future", "farei farás fará faremos farão"),
        ("dizer", "preterite", "disse disseste disse dissemos disseram"),
        ("dizer", "conditional", "diria dirias diria diríamos diriam"),
        ("trazer", "preterite", "trouxe trouxeste trouxe trouxemos trouxeram"),
        ("ver", "present", "vejo vês vê vemos veem"),
        ("ver", "preterite", "vi viste viu vimos viram"),
        ("vir", "preterite", "vim vieste veio viemos vieram"),
        ("poder", "preterite", "pude pudeste pôde pudemos puderam"),
        ("pôr", "present", "ponho pões põe pomos põem"),
        ("pôr", "future", "porei porás porá poremos porão"),
        ("pôr", "infinitive", "pôr pores pôr pormos porem"),
        ("saber", "preterite", "soube soubeste soube soubemos souberam"),
        ("saber", "subjunctive", "saiba saibas saiba saibamos saibam"),
        ("querer", "preterite", "quis quiseste quis quisemos quiseram"),
        ("dar", "preterite", "dei deste deu demos deram"),
        ("haver", "preterite", "houve houveste houve houvemos houveram"),
        ("ficar", "preterite", "fiquei ficaste ficou ficámos ficaram"),
        ("pagar", "preterite", "paguei pagaste pagou pagámos pagaram"),
        ("começar", "preterite", "comecei começaste começou começámos começaram"),
        ("pagar", "subjunctive", "pague pagues pague paguemos paguem"),
        ("conhecer", "present", "conheço conheces conhece conhecemos conhecem"),
        ("dirigir", "present", "dirijo diriges dirige dirigimos dirigem"),
        ("proteger", "subjunctive", "proteja protejas proteja protejamos protejam"),
        ("seguir", "present", "sigo segues segue seguimos seguem"),
        ("bloquear", "present", "bloqueio bloqueias bloqueia bloqueamos bloqueiam"),
        ("odiar", "present", "odeio odeias odeia odiamos odeiam"),
        ("dormir", "present", "durmo dormes dorme dormimos dormem"),
        ("servir", "present", "sirvo serves serve servimos servem"),
        ("pedir", "present", "peço pedes pede pedimos pedem"),
        ("ouvir", "present", "ouço ouves ouve ouvimos ouvem"),
        ("perder", "present", "perco perdes perde perdemos perdem"),
        ("subir", "present", "subo sobes sobe subimos sobem"),
        ("conduzir", "present", "conduzo conduzes conduz conduzimos conduzem"),
        ("sair", "present", "saio sais sai saímos saem"),
        ("sair", "preterite", "saí saíste saiu saímos saíram"),
        ("cair", "infinitive", "cair caíres cair cairmos caírem"),
        ("construir", "present", "construo constróis constrói construímos constroem"),
        ("concluir", "preterite", "concluí concluíste concluiu concluímos concluíram"),
        ("doer", "imperfect", "doía doías doía doíamos doíam"),
        ("ter", "future_subjunctive", "tiver tiveres tiver tivermos tiverem"),
        ("falar", "future_subjunctive", "falar falares falar falarmos falarem"),
        ("falar", "imperfect_subjunctive", "falasse falasses falasse falássemos falassem"),
        ("comer", "imperfect_subjunctive", "comesse comesses comesse comêssemos comessem"),
        ("fazer", "imperfect_subjunctive", "fizesse fizesses fizesse fizéssemos fizessem"),
        ("ir", "imperfect_subjunctive", "fosse fosses fosse fôssemos fossem"),
    ],
)
def test_portuguese_verbs_conjugate(infinitive, tense, forms):
    assert " ".join(portuguese.conjugate(infinitive, tense)) == forms


def test_portuguese_plurals():
    singular = "limão flor papel fácil túnel azul homem lápis mês luz hotel anel ágil ananás casa"
    plural = (
        "limões flores papéis fáceis túneis azuis homens lápis meses luzes hotéis anéis ágeis "
        "ananases casas"
    )
    assert [portuguese.plural(word) for word in singular.split()] == plural.split()


@pytest.mark.parametrize(
    ("adjective", "forms"),
    [
        ("bonito", "bonito bonita bonitos bonitas"),
        ("inglês", "inglês inglesa ingleses inglesas"),
        ("alemão", "alemão alemã alemães alemãs"),
        ("espanhol", "espanhol espanhola espanhóis espanholas"),
        ("trabalhador", "trabalhador trabalhadora trabalhadores trabalhadoras"),
        ("bom", "bom boa bons boas"),
        ("mau", "mau má maus más"),
        ("feliz", "feliz feliz felizes felizes"),
        ("jovem", "jovem jovem jovens jovens"),
        ("simples", "simples simples simples simples"),
        ("cor-de-rosa", "cor-de-rosa cor-de-rosa cor-de-rosa cor-de-rosa"),
    ],
)
def test_portuguese_adjectives_agree(adjective, forms):
    found = [portuguese.agree(adjective, g, p) for p in (False, True) for g in "mf"]
    assert " ".join(found) == forms


def test_prepositions_contract():
    contract = portuguese.contract
    assert contract("em", "a casa") == "na casa"
    assert contract("em", "um hotel") == "num hotel"
    assert contract("perto de", "o rio") == "perto do rio"
    assert contract("por", "as ruas") == "pelas ruas"
    assert contract("a", "aquela loja") == "àquela loja"
    assert contract("a", "o Pedro") == "ao Pedro"
    assert contract("de", "ela") == "dela"
    assert contract("com", "mim") == "comigo"
    assert contract("com", "a Ana") == "com a Ana"


def test_clitics_hang_on_verbs():
    forms = [("ajudar", "o"), ("ver", "a"), ("abrir", "os"), ("ajudam", "a"), ("dão", "as")]
    found = [portuguese.enclitic(*pair) for pair in [*forms, ("levantamos", "nos"), ("dou", "te")]]
    expected = "ajudá-lo vê-la abri-los ajudam-na dão-nas levantamo-nos dou-te"
    assert found == expected.split()


def test_participles():
    found = [portuguese.participle(v) for v in words("falar comer sair construir abrir ver pôr")]
    assert tuple(found) == words("falado comido saído construído aberto visto posto")
    assert portuguese.participle("aceitar", passive=True) == "aceite"
    assert portuguese.participle("aceitar") == "aceitado"


# English.


@pytest.mark.parametrize(
    ("base", "forms"),
    [
        ("walk", "walks walking walked walked"),
        ("stop", "stops stopping stopped stopped"),
        ("carry", "carries carrying carried carried"),
        ("lie", "lies lying lied lied"),
        ("write", "writes writing wrote written"),
        ("have", "has having had had"),
        ("be", "is being was been"),
        ("go", "goes going went gone"),
        ("flee", "flees fleeing fled fled"),
        ("travel", "travels travelling travelled travelled"),
        ("visit", "visits visiting visited visited"),
        ("wake up", "wakes up|waking up|woke up|woken up"),
        ("take part in", "takes part in|taking part in|took part in|taken part in"),
    ],
)
def test_english_verbs_inflect(base, forms):
    found = [english.inflect(base, form) for form in ("s", "ing", "past", "participle")]
    assert found == forms.split("|" if "|" in forms else " ")


def test_english_articles_and_comparison():
    words = "apple university hour umbrella house old unusual useful European honest uncle"
    articles = "an a an an a an an a a an an"
    found = [english.with_article(word).split()[0] for word in words.split()]
    assert found == articles.split()
    adjectives = "tall big pretty nice good interesting tired careful"
    expected = "taller|bigger|prettier|nicer|better|more interesting|more tired|more careful"
    found = [english.compare(word, "comparative") for word in adjectives.split()]
    assert found == expected.split("|")
    assert english.compare("bad", "superlative") == "worst"


def test_english_plurals():
    words = "box city boy church potato piano mother-in-law"
    expected = "boxes cities boys churches potatoes pianos mothers-in-law"
    assert [english.plural(word) for word in words.split()] == expected.split()


# Clauses.

ANA = Phrase("a Ana", "Ana", gender="f")
BREAD = Phrase("o pão", "the bread")
EAT = verb("comer", "eat")


@pytest.mark.parametrize(
    ("clause", "pt", "en"),
    [
        (Clause(ANA, EAT, object=BREAD), "a Ana come o pão", "Ana eats the bread"),
        (Clause(ANA, EAT, negative=True), "a Ana não come", "Ana doesn't eat"),
        (
            Clause(ANA, EAT, "preterite", question="yes-no", object=BREAD),
            "a Ana comeu o pão",
            "did Ana eat the bread",
        ),
        (Clause(ANA, EAT, "progressive"), "a Ana está a comer", "Ana is eating"),
        (Clause(ANA, EAT, "habitual"), "a Ana comia", "Ana used to eat"),
        (
            Clause(ANA, EAT, "habitual", negative=True),
            "a Ana não comia",
            "Ana didn't use to eat",
        ),
        (
            Clause(ANA, EAT, "perfect", negative=True),
            "a Ana ainda não comeu",
            "Ana hasn't eaten yet",
        ),
        (Clause(ANA, EAT, "recent"), "a Ana acaba de comer", "Ana has just eaten"),
        (Clause(ANA, EAT, "can", negative=True), "a Ana não pode comer", "Ana can't eat"),
        (
            Clause(ANA, EAT, "preterite", clitic=Text("o", "it")),
            "a Ana comeu-o",
            "Ana ate it",
        ),
        (
            Clause(ANA, EAT, "going_to", clitic=Text("o", "it")),
            "a Ana vai comê-lo",
            "Ana is going to eat it",
        ),
        (
            Clause(ANA, EAT, clitic=Text("o", "it"), negative=True),
            "a Ana não o come",
            "Ana doesn't eat it",
        ),
        (
            Clause(ANA, EAT, question="adverb", asked=Text("porque", "why")),
            "porque é que a Ana come",
            "why does Ana eat",
        ),
        (
            Clause(PRONOUNS[0], verb("levantar-se", "get up"), "pluperfect", drop=True),
            "tinha-me levantado",
            "I had got up",
        ),
        (
            Clause(PRONOUNS[3], verb("gostar de", "like"), object=PRONOUNS[2]),
            "ela gosta dele",
            "she likes him",
        ),
        (Clause(PRONOUNS[4], SER, negative=True), "nós não somos", "we aren't"),
    ],
)
def test_clauses_are_said_in_both_languages(clause, pt, en):
    assert clause.say() == (pt, en)


def test_numbers_and_hours():
    assert feminine("vinte e dois") == "vinte e duas"
    assert feminine("duzentos") == "duzentas"
    assert at_clock(UNITS[0], "half past") == ("à uma e meia", "at half past one")
    assert at_clock(UNITS[2], "ten to") == ("às três menos dez", "at ten to three")
    assert period(UNITS[1], Entry("semana", "week")) == ("duas semanas", "two weeks")


# The lexicon.


def test_every_noun_verb_and_adjective_has_one_translation():
    lexicon = Lexicon()
    assert max(Counter(noun.pt for noun in lexicon.nouns).values()) == 1
    assert max(Counter(adjective.pt for adjective in lexicon.adjectives).values()) == 1
    assert max(Counter((verb.frame, verb.pt) for verb in lexicon.verbs).values()) == 1
    for verb_ in lexicon.verbs:
        assert verb_.subjects, verb_
        for tense in ("present", "preterite", "imperfect", "subjunctive", "imperfect_subjunctive"):
            assert len(portuguese.conjugate(verb_.infinitive, tense)) == 5
    for adjective in lexicon.adjectives:
        assert adjective.nouns, adjective


def test_at_least_1200_lemmas_on_each_side_are_used_often():
    lexicon, chooser = Lexicon(), Chooser(1)
    grammar = Grammar(lexicon, chooser)
    counts = Counter()
    for _ in range(20_000):
        chooser.used.clear()
        try:
            chooser.weighted(FRAMES)(grammar)
        except Unsuitable:
            continue
        counts.update(set(chooser.used))
    often = [entry for entry, count in counts.items() if count >= 3 and not isinstance(entry, Name)]
    assert len({entry.pt for entry in often}) >= 1200
    assert len({entry.en for entry in often}) >= 1200
    words = lexicon.nouns + lexicon.verbs + lexicon.adjectives + lexicon.adverbs
    assert [entry.pt for entry in words if counts[entry] < 3] == []


# The corpus.


def test_sizes(corpus):
    sizes = {split: len(pairs) for split, pairs in corpus.items()}
    assert sizes == {"train": 60_000, "validation": 1_000, "test": 1_000}
    assert len(set(itertools.chain.from_iterable(corpus.values()))) == 62_000


def test_splits_share_no_sentence_in_either_language(sides):
    for one, other in itertools.combinations(sides, 2):
        for side in (0, 1):
            assert not sides[one][side] & sides[other][side]


def test_each_source_has_one_translation(corpus):
    pairs = set(itertools.chain.from_iterable(corpus.values()))
    assert len({source for source, _ in pairs}) == len(pairs)


def test_every_word_of_validation_and_test_is_in_train(corpus):
    def tokens(split):
        return {word for pair in corpus[split] for text in pair for word in text.split()}

    assert tokens("test") | tokens("validation") <= tokens("train")


def test_held_combinations_never_stand_in_train():
    lexicon, chooser = Lexicon(), Chooser(3)
    grammar, splits = Grammar(lexicon, chooser), Counter()
    for _ in range(3000):
        chooser.used.clear()
        try:
            chooser.weighted(FRAMES)(grammar)
        except Unsuitable:
            continue
        split = generate.split_of(chooser.used)
        splits[split] += 1
        content = [e for e in chooser.used if type(e).__name__ in ("Noun", "Verb", "Adjective")]
        lemmas = sorted({f"{entry.pt}={entry.en}" for entry in content})
        held = {generate.held_split(*pair) for pair in itertools.combinations(lemmas, 2)}
        if split == "train":
            assert held <= {"train"}
        elif split and len(content) > 1:
            assert split in held
    assert splits["train"] > 2500
    assert splits["test"] > 10


def test_sentences_are_tidy(corpus):
    pattern = re.compile(r"[A-ZÀ-Ú0-9][\wÀ-ú ,.:;?!'’-]*[.?!]")
    for pair in itertools.chain.from_iterable(corpus.values()):
        for text in pair:
            assert pattern.fullmatch(text), pair
            assert not re.search(r"  | [,.?!]|,,|\.\.|…", text), pair
    assert 6 <= sum(len(en.split()) for _, en in corpus["train"]) / 60_000 <= 10


def test_no_contraction_or_article_is_missed(corpus):
    wrong_pt = re.compile(
        r"\b([Dd]e|[Ee]m|[Pp]or) (o|a|os|as)\b|\ba (o|os|aquel\w+)\b|\bem (um|uma|est[ea]s?)\b"
    )
    wrong_en = re.compile(r"\b[Aa] [aeio]|\b[Aa]n [^aeiouhAEIOU]|\bthe the\b|n't not\b")
    for pt, en in corpus["train"]:
        assert not wrong_pt.search(pt), pt
        assert not wrong_en.search(en) or "a one" in en, en


def digest(corpus) -> str:
    return hashlib.sha256(repr(corpus).encode()).hexdigest()


def test_another_process_generates_the_same_corpus():
    sizes = {"train": 300, "validation": 2, "test": 2}
    code = (
        "import hashlib; from tf_transformer.phrasebook import generate_splits as g;"
        f"print(hashlib.sha256(repr(g(7, {sizes})).encode()).hexdigest())"
    )
    env = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=True)
    assert done.stdout.split()[-1] == digest(phrasebook.generate_splits(7, sizes))


def test_another_seed_generates_other_sentences():
    sizes = {"train": 300, "validation": 2, "test": 2}
    one, other = (phrasebook.generate_splits(seed, sizes) for seed in (1, 2))
    assert len(set(one["train"]) & set(other["train"])) < 30


def test_tfds_loads_it_offline(tmp_path, monkeypatch):
    tfds = pytest.importorskip("tensorflow_datasets")
    small = {"train": 4000, "validation": 3, "test": 3}
    from tf_transformer.phrasebook import builder

    splits = generate.generate_splits(5, small)
    monkeypatch.setattr(builder, "generate_splits", lambda: splits)
    data, info = tfds.load(
        phrasebook.Phrasebook.name, data_dir=tmp_path, as_supervised=True, with_info=True
    )
    assert info.supervised_keys == ("pt", "en")
    for split, pairs in splits.items():
        found = {(pt.decode(), en.decode()) for pt, en in tfds.as_numpy(data[split])}
        assert found == set(pairs)
