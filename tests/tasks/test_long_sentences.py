"""A sentence longer than nearly all in training is split where it can be, or else marked."""

import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.robustness.texts import LINE
from tf_transformer.tasks import Translator
from tf_transformer.tasks.confidence import Confidence
from tf_transformer.tasks.pieces import as_parts, as_sentences, split_long
from tf_transformer.text import rules

LONGEST = 20  # characters, here
SHORT = slice(7, 11)  # pairs that end with a full stop


def split(texts):
    """Return the parts of each text, in the graph."""
    pieces = tf.ragged.constant([[text] for text in texts])
    return split_long(pieces, lambda text: tf.strings.length(text, "UTF8_CHAR") > LONGEST)


def in_python(text):
    return rules.split_long(text, lambda part: len(part) > LONGEST)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("O gato dorme, o cão não.", ["O gato dorme,", "o cão não."]),
        ("O gato: dorme, e bem; o cão não.", ["O gato:", "dorme, e bem;", "o cão não."]),
        (
            "O gato, o cão e a Ana, que canta: bem.",
            ["O gato,", "o cão e a Ana,", "que canta:", "bem."],
        ),
        ("Um, dois; três.", ["Um, dois; três."]),  # short
        ("O gato preto dorme no telhado.", ["O gato preto dorme no telhado."]),  # nowhere to split
        ("Custa 1,50 euros ou 2,75 euros.", ["Custa 1,50 euros ou 2,75 euros."]),
    ],
)
def test_parts_end_at_semicolons_and_colons_and_then_at_commas(text, parts):
    assert [part.rstrip(rules.BOUNDARY) for part in in_python(text)] == parts


@settings(max_examples=30, derandomize=True, deadline=None)
@given(texts=st.lists(LINE, min_size=1, max_size=20))
def test_graph_and_python_split_alike_and_lose_nothing(texts):
    texts = [*map(rules.clean, texts)]
    found = split(texts)
    sentences, marks = as_sentences(found.flat_values)
    back = as_parts(sentences, marks).numpy()
    expected = [part for text in texts for part in in_python(text)]
    assert [part.decode() for part in found.flat_values.numpy()] == expected
    assert [part.decode() for part in sentences.numpy()] == [
        rules.as_sentence(part)[0] for part in expected
    ]
    assert [part.decode() for part in back] == [part.rstrip(rules.BOUNDARY) for part in expected]
    joined = tf.strings.reduce_join(found.with_flat_values(back), axis=1, separator=" ").numpy()
    assert [text.decode() for text in joined] == texts


@pytest.fixture(scope="module")
def translate(trained):
    """A translator that was trained, it is told, on sentences as short as those of these tests."""
    source, target = trained.tokenizers
    longest = max(map(len, source.tokenize(trained.pairs.sources[SHORT]).to_list()))
    translator = Translator(trained.model, source, target)
    translator.confidence = Confidence([9] * source.vocab_size, longest=longest)
    return translator


@pytest.mark.parametrize("options", [{}, {"beam_size": 2}])
def test_each_part_is_translated_as_a_sentence_and_keeps_its_mark(options, translate, trained):
    sources, targets = trained.pairs.sources[SHORT], trained.pairs.targets[SHORT]
    text = f"{sources[0].rstrip('.')}; {sources[1].rstrip('.')}, {sources[2]}"
    expected = f"{targets[0].rstrip('.')}; {targets[1].rstrip('.')}, {targets[2]}"
    assert translate(text, **options) == expected
    assert translate([sources[3], text], **options) == [targets[3], expected]


def test_what_cannot_be_split_is_marked(translate, trained):
    sources = [source.rstrip(".") for source in trained.pairs.sources[SHORT]]
    joined = tf.constant([", ".join(sources), " ".join(sources)])
    assert translate.is_too_long(joined)["is_too_long"].numpy().tolist() == [False, True]
    assert translate(" ".join(sources), details=True)["confidence"] == 0
