import keras
import numpy as np
import pytest

from tests import reference
from tf_transformer.layers import DecoderLayer, Encoder, EncoderLayer

X = np.random.default_rng(0).standard_normal((2, 5, 16)).astype("float32")
MASK = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], bool)[:, None, None, :]
OPTIONS = {"norm": "pre", "activation": "relu", "rotary": False}
CHOICES = [OPTIONS, OPTIONS | {"norm": "post", "activation": "gelu"}, OPTIONS | {"rotary": True}]
BY_WEIGHTS = {"normalization": "rms_norm", "qk_norm": True, "num_kv_heads": 2}  # in the reference


def built(layer):
    layer.build((None, None, 16))
    return reference.randomize(layer)


@pytest.mark.parametrize("options", CHOICES, ids=str)
def test_encoder_layer_equals_the_reference(options):
    layer = built(EncoderLayer(16, 4, 24, **options))
    expected = reference.encoder_layer(reference.weights_of(layer), X, MASK, 4, **options)
    np.testing.assert_allclose(layer(X, attention_mask=MASK), expected, atol=1e-5)


@pytest.mark.parametrize("options", CHOICES, ids=str)
def test_encoder_equals_the_reference(options):
    layer = built(Encoder(3, 16, 4, 24, **options))
    expected = reference.stack(
        reference.encoder_layer, reference.weights_of(layer), X, MASK, num_heads=4, **options
    )
    np.testing.assert_allclose(layer(X, attention_mask=MASK), expected, atol=1e-5)


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_a_modern_encoder_equals_the_reference(norm):
    options = {"norm": norm, "activation": "swiglu", "rotary": True}
    layer = built(Encoder(2, 16, 4, 24, **options, **BY_WEIGHTS))
    weights = reference.weights_of(layer)
    expected = reference.stack(reference.encoder_layer, weights, X, MASK, num_heads=4, **options)
    np.testing.assert_allclose(layer(X, attention_mask=MASK), expected, atol=1e-5)


@pytest.mark.parametrize("activation", ["relu", "swiglu"])
def test_a_stack_of_sublayers_that_begin_at_zero_begins_as_the_identity(activation):
    layer = Encoder(2, 16, 4, 24, zero_init=True, activation=activation)
    final = keras.layers.LayerNormalization(epsilon=1e-6)
    np.testing.assert_allclose(layer(X), final(X), atol=1e-6)
    last = ("output_projection/kernel", "outer/kernel", "bias", "beta")
    for weight in layer.weights:
        assert weight.path.endswith(last) != np.array(weight).any(), weight.path


def test_queries_and_keys_are_normalised_in_self_attention_alone():
    layer = DecoderLayer(16, 4, 24, qk_norm=True)
    assert layer.attention.query_norm
    assert not layer.cross_attention.query_norm


def test_options_of_a_stack_are_those_of_its_layers():
    layer = Encoder(2, 16, 4, 24, 0.1, num_kv_heads=2)
    assert layer.options == layer.layers[0].options
    assert (layer.options.dropout, layer.options.num_kv_heads) == (0.1, 2)
    with pytest.raises(ValueError, match="'num_kv_head'"):
        Encoder(2, 16, 4, 24, num_kv_head=2)


def test_a_post_norm_stack_has_no_norm_of_its_own():
    assert not any(
        "final_norm" in w.path for w in built(Encoder(1, 16, 4, 24, norm="post")).weights
    )


def test_weights_come_one_a_layer():
    output, weights = Encoder(3, 16, 4, 24)(X, attention_mask=MASK, return_weights=True)
    assert output.shape == X.shape
    assert [w.shape for w in weights] == [(2, 4, 5, 5)] * 3


def test_an_encoder_gives_weights_in_a_functional_model():
    x = keras.Input((None, 16))
    output, weights = Encoder(2, 16, 4, 24)(x, return_weights=True)
    model = keras.Model(x, [output, *weights])
    assert [y.shape for y in model(X)] == [(2, 5, 16), (2, 4, 5, 5), (2, 4, 5, 5)]
