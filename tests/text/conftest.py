"""Tokenizers trained once for all tests, on a small corpus in natural spelling."""

import itertools

import pytest

from tf_transformer.text import Characters, SentencePiece, WordPiece

SUBJECTS = ("the old fisherman", "my sister", "a young teacher", "our neighbour", "the baker")
VERBS = ("opens", "doesn't like", "is looking for", "has sold", "would've painted")
OBJECTS = ("the blue door", 'the "lost" letters', "a well-known song (again)", "3.50 euros' worth")
ENDS = (".", "!", "?", ", isn't it?", "; that's all.")

SUJEITOS = ("o velho pescador", "a minha irmã", "uma professora", "o nosso vizinho", "o padeiro")
VERBOS = ("abre", "não gosta de", "está à procura de", "vendeu", "lembra-se de")
OBJETOS = ("a porta azul", "as cartas «perdidas»", "uma canção (outra vez)", "três pães")
FINS = (".", "!", "?", ", não é?", "; é tudo.")


def sentences(*parts):
    return [f"{a} {b} {c}{d}" for a, b, c, d in itertools.product(*parts)]


@pytest.fixture(scope="session")
def english():
    return sentences(SUBJECTS, VERBS, OBJECTS, ENDS)


@pytest.fixture(scope="session")
def portuguese():
    return sentences(SUJEITOS, VERBOS, OBJETOS, FINS)


@pytest.fixture(scope="session")
def corpus(english, portuguese):
    return portuguese + english


@pytest.fixture(scope="session")
def sentencepiece(corpus):
    return SentencePiece.train(corpus, vocab_size=500)


@pytest.fixture(scope="session")
def wordpiece(corpus):
    return WordPiece.train(corpus, vocab_size=300)


@pytest.fixture(scope="session")
def characters(corpus):
    return Characters.train(corpus, vocab_size=300)


@pytest.fixture(params=["characters", "sentencepiece", "wordpiece"])
def tokenizer(request):
    return request.getfixturevalue(request.param)
