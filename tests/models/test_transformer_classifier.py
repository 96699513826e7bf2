"""The classifier computes what it should, and neither padding nor company moves its outputs."""

import dataclasses
import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests import reference
from tests.small import DEEP
from tf_transformer.config import ClassifierConfig
from tf_transformer.models import TransformerClassifier

CONFIG = ClassifierConfig(
    vocab_size=23,
    num_classes=3,
    **DEEP,
    dropout=0.1,
    word_dropout=0.3,
    max_length=12,
)
IDS = np.array([[5, 9, 22, 4, 7, 8], [8, 6, 3, 0, 0, 0], [11, 3, 5, 6, 0, 0]])


def make(dtype="float32", **options):
    config = dataclasses.replace(CONFIG, **options)
    return reference.randomize(TransformerClassifier(config, dtype=dtype))


classifier = functools.cache(make)  # for the tests that leave the weights alone


@pytest.mark.parametrize(
    ("norm", "positions", "activation"),
    [("pre", "rotary", "gelu"), ("post", "learned", "relu"), ("pre", "sinusoidal", "relu")],
)
def test_logits_equal_the_reference(norm, positions, activation):
    model = classifier(norm=norm, positions=positions, activation=activation)
    expected = reference.classifier(reference.weights_of(model), model.config, IDS)
    assert np.std(expected) > 0.1
    np.testing.assert_allclose(model(IDS), expected, atol=1e-5)


@pytest.mark.parametrize("positions", ["sinusoidal", "learned", "rotary"])
def test_padding_changes_nothing(positions):
    model = classifier(positions=positions)
    padded = np.pad(IDS, ((0, 0), (0, 5)))
    np.testing.assert_allclose(model(padded), model(IDS), atol=1e-5)


def test_what_stands_in_the_padding_row_of_the_embedding_changes_nothing():
    model = make()
    before = np.array(model(IDS))
    table = model.embedding.table
    table.assign(np.where(np.arange(table.shape[0])[:, None] == 0, 1e3, table))
    np.testing.assert_allclose(model(IDS), before, atol=1e-5)


def test_rows_do_not_see_each_other():
    model = classifier()
    together = np.array(model(IDS))
    for i, row in enumerate(IDS):
        np.testing.assert_allclose(model(row[row != 0][None])[0], together[i], atol=1e-5)


@pytest.mark.usefixtures("optimized_graphs")
def test_eager_graph_and_xla_agree():
    model = classifier(num_layers=1)
    ids = tf.constant(IDS)
    graph = tf.function(model, input_signature=[tf.TensorSpec((None, None), ids.dtype)])
    xla = tf.function(lambda ids: model(ids), jit_compile=True)
    np.testing.assert_allclose(graph(ids), model(ids), atol=1e-5)
    np.testing.assert_allclose(xla(ids), model(ids), atol=1e-5)


def test_a_word_that_is_dropped_is_as_if_it_were_padding():
    model = classifier(positions="learned")
    is_seen = np.array([[True, True, False, True, False, False]])
    gap = model.classify(model.embedding(IDS[:1]), is_seen)
    changed = np.where(is_seen, IDS[:1], 17)
    np.testing.assert_allclose(model.classify(model.embedding(changed), is_seen), gap, atol=1e-5)
    padded = np.where(is_seen, IDS[:1], 0)
    np.testing.assert_allclose(model(padded), gap, atol=1e-5)


def test_dropout_acts_in_training_alone():
    ids = np.repeat(IDS, 10, axis=0)  # so many words that some are dropped
    for options in ({"dropout": 0.0}, {"word_dropout": 0.0}):
        model = classifier(**options)
        still = model(ids)
        np.testing.assert_array_equal(model(ids, training=False), still)
        assert np.abs(model(ids, training=True) - still).max() > 1e-3
    model = classifier(dropout=0.0, word_dropout=0.0)
    np.testing.assert_array_equal(model(ids, training=True), model(ids))


def test_words_are_dropped_at_the_rate_that_was_asked_for(monkeypatch):
    model = classifier()
    ids = np.ones((100, 100), "int32")
    ids[:, 50:] = 0
    monkeypatch.setattr(model, "classify", lambda vectors, is_seen, **context: is_seen)
    seen = np.array(model(ids, training=True))
    assert not seen[:, 50:].any()
    assert abs(seen[:, :50].mean() - 0.7) < 0.03


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16", "mixed_bfloat16"])
def test_a_row_of_padding_alone_gives_no_nan(dtype):
    model = classifier(dtype)
    ids = IDS.copy()
    ids[1] = 0
    with tf.GradientTape() as tape:
        logits = model(ids, training=True)
        loss = tf.reduce_mean(logits**2)
    assert logits.dtype == tf.float32
    gradients = tape.gradient(loss, model.trainable_weights)
    for tensor in (logits, *map(tf.convert_to_tensor, gradients)):
        assert np.isfinite(tensor).all()


def test_attention_weights_are_those_of_the_call():
    weights = classifier().attention_weights(IDS)
    assert weights.shape == (3, 2, 4, 6, 6)
    np.testing.assert_allclose(np.sum(weights, axis=-1), 1, atol=1e-6)
    assert not np.array(weights)[1, ..., 3:].any()  # the padding of row 1


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_a_loaded_model_gives_the_same_logits(dtype, tmp_path):
    model = classifier(dtype)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.config == model.config
    assert [w.path for w in loaded.weights] == [w.path for w in model.weights]
    np.testing.assert_array_equal(loaded(IDS), model(IDS))


def test_the_model_lives_in_a_functional_model():
    model = classifier()
    ids = keras.Input((None,), dtype="int32")
    logits = model(ids)
    assert (logits.shape, logits.dtype) == ((None, 3), "float32")
    np.testing.assert_array_equal(keras.Model(ids, logits)(IDS), model(IDS))


def test_a_config_makes_the_same_model():
    config = classifier().get_config()
    assert TransformerClassifier.from_config(config).get_config() == config
