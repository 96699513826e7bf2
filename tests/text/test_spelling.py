"""Text in capitals is spelled as the model knows it, and its translation is in capitals."""

import re

import pytest
import tensorflow as tf

from tf_transformer.text import rules
from tf_transformer.text.spelling import restyle, usual_spelling

SPELLINGS = {  # a text, how it is usually spelled, and how "the red house" is written for it
    "QUEM VENDEU A CASA?": ("Quem vendeu a casa?", "THE RED HOUSE"),
    "Quem Vendeu A Casa?": ("Quem vendeu a casa?", "The Red House"),
    "Quem Vendeu a Casa?": ("Quem vendeu a casa?", "The Red House"),
    "«QUEM» VENDE A CASA?": ("«Quem» vende a casa?", "THE RED HOUSE"),
    "O JOÃO VENDEU ISTO.": ("O João vendeu isto.", "THE RED HOUSE"),
    "o joão vendeu a casa.": ("O João vendeu a casa.", "the red house"),
    "o que é isto?": ("o que é isto?", "the red house"),
    "O João": ("O João", "the red house"),
    "Os EUA.": ("Os EUA.", "the red house"),
    "EUA": ("EUA", "the red house"),
    "A": ("A", "the red house"),
    "": ("", "the red house"),
    "家": ("家", "the red house"),
    "\0家": ("\0家", "the red house"),
    "O JOÃO\0 VENDE A CASA": ("O JOÃO\0 VENDE A CASA", "the red house"),
}


class Words:
    """A tokenizer that spells words in letters which it does not know."""

    known = re.findall(r"\w+|[.?«»]", "O João vende vendeu Quem a casa o que é isto? Os EUA A «».")

    def tokenize(self, texts):
        rows = [self.count(text.decode()) * [7] for text in tf.constant(texts).numpy()]
        return tf.ragged.constant(rows, tf.int32, ragged_rank=1)

    def count(self, text):
        words = re.findall(r"\w+|[^\w ]", text)
        return sum(1 if word in self.known else len(word) for word in words)


@pytest.fixture(scope="module")
def tokenizer():
    return Words()


def test_the_usual_spelling_is_the_one_of_fewer_tokens(tokenizer):
    text, style = usual_spelling(tf.constant(list(SPELLINGS)), tokenizer)
    found = restyle(tf.fill([len(SPELLINGS)], "the red house"), style)
    decoded = [[each.decode() for each in column.numpy()] for column in (text, found)]
    assert dict(zip(SPELLINGS, zip(*decoded, strict=True), strict=True)) == SPELLINGS


def test_plain_python_spells_alike(tokenizer):
    for text, expected in SPELLINGS.items():
        usual, style = rules.usual_spelling(text, tokenizer.count)
        assert (usual, style("the red house")) == expected


def test_each_translation_of_a_beam_has_the_capitals_of_its_source(tokenizer):
    _, style = usual_spelling(
        tf.constant(["O JOÃO VENDEU ISTO.", "Quem Vendeu A Casa?"]), tokenizer
    )
    found = restyle(tf.constant([["a b", "c d"], ["is it", "so?"]]), style).numpy().tolist()
    assert found == [[b"A B", b"C D"], [b"Is It", b"So?"]]


def test_a_translation_with_a_nul_is_kept_whole(tokenizer):
    _, style = usual_spelling(tf.constant(["QUEM VENDEU A CASA?"]), tokenizer)
    assert restyle(tf.constant(["the\0 red"]), style).numpy() == b"the\0 red"
    _, restyled = rules.usual_spelling("QUEM VENDEU A CASA?", tokenizer.count)
    assert restyled("the\0 red") == "the\0 red"


def test_no_texts_are_spelled_as_none(tokenizer):
    text, style = usual_spelling(tf.zeros([0], tf.string), tokenizer)
    assert restyle(text, style).shape == [0]
