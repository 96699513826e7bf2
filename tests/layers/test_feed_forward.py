import keras
import numpy as np
import pytest

from tests import reference
from tf_transformer.layers import FeedForward


@pytest.mark.parametrize("activation", ["relu", "gelu", "relu2", "swiglu", "geglu"])
def test_feed_forward_equals_the_reference(activation):
    layer = FeedForward(16, 24, activation)
    layer.build((None, None, 16))
    reference.randomize(layer)
    x = np.random.default_rng(0).standard_normal((2, 5, 16)).astype("float32")
    expected = reference.feed_forward(reference.weights_of(layer), x, activation)
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)


def test_a_gate_is_a_third_matrix_and_two_thirds_of_the_width_are_as_many_weights():
    plain, gated = FeedForward(16, 24), FeedForward(16, 16, "swiglu")
    for layer in (plain, gated):
        layer.build((None, None, 16))
    assert [w.path.split("/")[-2:] for w in gated.weights if "kernel" in w.path] == [
        ["inner", "kernel"],
        ["gate", "kernel"],
        ["outer", "kernel"],
    ]
    matrices = [[w for w in layer.weights if "kernel" in w.path] for layer in (plain, gated)]
    sizes = [sum(np.prod(w.shape) for w in each) for each in matrices]
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("activation", ["swish", keras.activations.swish, "relu2"])
def test_a_config_holds_the_name_of_any_activation(activation):
    layer = FeedForward(4, 4, activation)
    config = layer.get_config()
    assert config["activation"] in ("swish", "silu", "relu2")
    x = np.ones((1, 1, 4), "float32")
    layer(x)
    same = FeedForward.from_config(config)
    same(x)
    same.set_weights(layer.get_weights())
    np.testing.assert_array_equal(same(x), layer(x))


def test_each_position_is_transformed_alike():
    layer = FeedForward(16, 24)
    x = np.random.default_rng(0).standard_normal((2, 5, 16)).astype("float32")
    np.testing.assert_allclose(layer(x[:, ::-1]), layer(x)[:, ::-1], atol=1e-6)
