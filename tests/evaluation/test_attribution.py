"""What a word adds is what is missing without it."""

import numpy as np
import pytest

from tests import reference
from tests.small import SMALL
from tf_transformer.config import ClassifierConfig
from tf_transformer.evaluation import attribute, roll_out
from tf_transformer.models import TransformerClassifier
from tf_transformer.text import END, Characters, SentencePiece, WordPiece

TEXTS = ["the old door doesn't open.", "a cat, not the dog, was there!", "doors are open"] * 5


def make(kind):
    tokenizer = kind.train(TEXTS, vocab_size=330)
    config = ClassifierConfig(
        vocab_size=tokenizer.vocab_size,
        num_classes=3,
        **SMALL,
        max_length=40,
    )
    return reference.randomize(TransformerClassifier(config)), tokenizer


def log_odds(model, ids, label):
    """Return the log-odds of a class for the tokens that are not 0."""
    (logits,) = np.array(model(np.array([[*ids, END]])), "float64")
    return logits[label] - np.log(np.exp(np.delete(logits, label)).sum())


@pytest.mark.parametrize("kind", [Characters, SentencePiece, WordPiece])
def test_each_share_is_the_fall_of_the_log_odds_without_the_word(kind):
    model, tokenizer = make(kind)
    text = TEXTS[0]
    found = attribute(model, tokenizer, text)
    assert "".join(found.words) == text
    assert found.words == ["the", " old", " door", " doesn't", " open."]
    ids = np.array(tokenizer.tokenize([text]).to_list()[0])
    whole = log_odds(model, ids, found.label)
    assert found.probability == pytest.approx(1 / (1 + np.exp(-whole)), rel=1e-4)
    ends = [len(tokenizer.tokenize(["".join(found.words[: i + 1])])[0]) for i in range(5)]
    for start, end, share in zip([0, *ends], ends, found.shares, strict=False):
        hidden = ids.copy()
        hidden[start:end] = 0
        assert share == pytest.approx(whole - log_odds(model, hidden, found.label), abs=1e-4)
    assert np.ptp(found.shares) > 0.01


@pytest.mark.parametrize("text", ["", "cat", "  ", "a" * 99])
def test_any_text_can_be_looked_at(text):
    model, tokenizer = make(SentencePiece)
    found = attribute(model, tokenizer, text)
    assert len(found.words) == len(found.shares)
    assert text.startswith("".join(found.words))
    assert 0 < found.probability < 1
    assert (found.attention >= 0).all()
    assert found.attention.sum() < 1  # END has its part


def test_attention_is_rolled_out_to_the_words():
    model, tokenizer = make(Characters)
    found = attribute(model, tokenizer, TEXTS[0])
    ids = np.array([[*tokenizer.tokenize([TEXTS[0]]).to_list()[0], END]])
    shares = roll_out(np.array(model.attention_weights(ids))[0]).mean(axis=0)
    ends = np.cumsum([len(word) for word in found.words])
    expected = [part.sum() for part in np.split(shares[:-1], ends[:-1])]
    assert found.attention == pytest.approx(expected, abs=1e-6)


def test_roll_out_adds_up_all_paths():
    weights = np.random.default_rng(0).dirichlet(np.ones(3), (2, 2, 3))  # layers, heads, from
    first, second = weights.mean(axis=1) / 2 + np.eye(3) / 2
    paths = [
        [sum(second[i, k] * first[k, j] for k in range(3)) for j in range(3)] for i in range(3)
    ]
    assert roll_out(weights) == pytest.approx(np.array(paths))
    assert roll_out(weights).sum(axis=1) == pytest.approx(np.ones(3))
