import keras
import numpy as np
import pytest

from tests import reference
from tf_transformer.layers import Cache, Decoder, DecoderLayer, KeysValues, causal_mask

RNG = np.random.default_rng(0)
X = RNG.standard_normal((2, 5, 16)).astype("float32")
MEMORY = RNG.standard_normal((2, 7, 16)).astype("float32")
MASK = np.array(causal_mask(5))
MEMORY_MASK = np.array([[1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 1, 0, 0]], bool)[:, None, None, :]
OPTIONS = {"norm": "pre", "activation": "relu", "rotary": False}
CHOICES = [OPTIONS, OPTIONS | {"norm": "post", "activation": "gelu"}, OPTIONS | {"rotary": True}]


def built(layer):
    layer.build((None, None, 16))
    return reference.randomize(layer)


def run(layer):
    return layer(X, MEMORY, attention_mask=MASK, cross_attention_mask=MEMORY_MASK)


@pytest.mark.parametrize("options", CHOICES, ids=str)
def test_decoder_layer_equals_the_reference(options):
    layer = built(DecoderLayer(16, 4, 24, **options))
    expected = reference.decoder_layer(
        reference.weights_of(layer), X, MEMORY, MASK, MEMORY_MASK, 4, **options
    )
    np.testing.assert_allclose(run(layer), expected, atol=1e-5)


@pytest.mark.parametrize("options", CHOICES, ids=str)
def test_decoder_equals_the_reference(options):
    layer = built(Decoder(2, 16, 4, 24, **options))
    expected = reference.stack(
        reference.decoder_layer,
        reference.weights_of(layer),
        X,
        MEMORY,
        MASK,
        MEMORY_MASK,
        num_heads=4,
        **options,
    )
    np.testing.assert_allclose(run(layer), expected, atol=1e-5)


@pytest.mark.parametrize("options", CHOICES, ids=str)
def test_steps_of_several_positions_equal_one_call(options):
    layer = built(DecoderLayer(16, 4, 24, **options))
    memory_keys_values = layer.cross_attention.keys_values(MEMORY)
    unread = np.full((2, 4, 5, 4), 9.0, "float32")  # what was never written is never read
    cache = Cache(KeysValues(unread, unread), 0, np.arange(5))
    outputs = []
    for start, end in ((0, 2), (2, 5)):
        output, cache = layer(
            X[:, start:end],
            memory_keys_values,
            attention_mask=MASK[:, :, start:end],
            cross_attention_mask=MEMORY_MASK,
            cache=cache.at(start, np.arange(start, end)),
        )
        outputs.append(output)
    np.testing.assert_allclose(np.concatenate(outputs, axis=1), run(layer), atol=1e-5)


def test_weights_come_in_pairs_one_a_layer():
    output, weights = Decoder(3, 16, 4, 24)(X, MEMORY, attention_mask=MASK, return_weights=True)
    assert output.shape == X.shape
    assert [tuple(w.shape for w in pair) for pair in weights] == [((2, 4, 5, 5), (2, 4, 5, 7))] * 3


def test_a_decoder_gives_weights_in_a_functional_model():
    x, memory = keras.Input((None, 16)), keras.Input((None, 16))
    output, [(own, cross)] = Decoder(1, 16, 4, 24)(x, memory, return_weights=True)
    model = keras.Model([x, memory], [output, own, cross])
    assert [y.shape for y in model([X, MEMORY])] == [(2, 5, 16), (2, 4, 5, 5), (2, 4, 5, 7)]
