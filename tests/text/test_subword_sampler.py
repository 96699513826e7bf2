"""What is drawn at random stands for the same text, and can be drawn again."""

import subprocess
import sys

import numpy as np
import pytest
import sentencepiece as library
import tensorflow as tf

from tests.first_run import CHECKOUT, environment
from tests.text.test_sentencepiece import TEXTS
from tf_transformer.text import UNKNOWN, SentencePiece


def draw(sampler, seed=1):
    """Return one draw as a ragged tensor."""
    ids, lengths = sampler.draw(np.random.default_rng(seed))
    return tf.RaggedTensor.from_row_lengths(ids, lengths)


@pytest.mark.parametrize("alpha", [0.1, 1.0])
def test_what_is_drawn_stands_for_the_same_text(sentencepiece, alpha):
    texts = list(TEXTS.values())
    ids = draw(sentencepiece.sampler(texts, alpha))
    assert [text.decode() for text in sentencepiece.detokenize(ids).numpy()] == texts
    assert UNKNOWN not in ids.flat_values.numpy()
    assert ids.dtype == tf.int32


def test_each_draw_is_another(sentencepiece, corpus):
    sampler = sentencepiece.sampler(corpus[:100], 0.2)
    rng = np.random.default_rng(1)
    first, second = sampler.draw(rng), sampler.draw(rng)
    assert not np.array_equal(first[0], second[0])
    assert draw(sampler, 5).to_list() == draw(sampler, 5).to_list()


@pytest.mark.long
def test_another_process_draws_the_same(sentencepiece, tmp_path):
    (tmp_path / "model").write_bytes(sentencepiece.model)
    program = f"""
import numpy, pathlib
from tf_transformer.text.subword_sampler import SubwordSampler
model = pathlib.Path({str(tmp_path / "model")!r}).read_bytes()
sampler = SubwordSampler(model, ["the blue door"], 0.2)
print(*sampler.draw(numpy.random.default_rng(3))[0])
"""
    found = subprocess.run(
        [sys.executable, "-c", program],
        cwd=CHECKOUT,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    expected = draw(sentencepiece.sampler(["the blue door"], 0.2), 3)
    assert [int(each) for each in found.stdout.split()] == expected[0].numpy().tolist()


def test_ways_come_as_often_as_their_probabilities_say(sentencepiece):
    alpha, draws = 0.5, 4000
    sampler = sentencepiece.sampler(["fisherman"] * draws, alpha)
    ways, counts = np.unique([str(row) for row in draw(sampler).to_list()], return_counts=True)
    assert 5 < len(ways) <= 64
    processor = library.SentencePieceProcessor(model_proto=sentencepiece.model)
    best = processor.nbest_encode("fisherman", nbest_size=64)
    powers = [np.exp(alpha * sum(processor.get_score(i) for i in ids)) for ids in best]
    expected = dict(zip(map(str, best), powers / np.sum(powers), strict=True))
    for way, count in zip(ways, counts, strict=True):
        assert count / draws == pytest.approx(expected[way], abs=0.03)
    assert best[0] == sentencepiece.tokenize(["fisherman"]).to_list()[0]


def test_the_larger_alpha_the_more_often_the_best_way_is_drawn(sentencepiece, corpus):
    best = sentencepiece.tokenize(corpus).to_list()
    same = []
    for alpha in (0.1, 0.5, 1000.0):
        drawn = draw(sentencepiece.sampler(corpus, alpha)).to_list()
        same.append(sum(a == b for a, b in zip(drawn, best, strict=True)))
    assert same[0] < same[1] < same[2]


def test_what_is_drawn_is_text_in_the_form_of_the_corpus(english):
    tokenizer = SentencePiece.train([text.lower() for text in english], 400, form="ted_hrlr")
    ids = draw(tokenizer.sampler(["The DOOR."], 0.5))
    assert tokenizer._join(ids).numpy() == [b"the door ."]


def test_no_texts_are_no_error(sentencepiece):
    for texts in ([], [""]):
        assert draw(sentencepiece.sampler(texts, 0.5)).to_list() == [[] for _ in texts]
