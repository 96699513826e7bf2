import numpy as np
import pytest

from tests import reference
from tf_transformer.layers import FeedForward


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_feed_forward_equals_the_reference(activation):
    layer = FeedForward(16, 24, activation)
    layer.build((None, None, 16))
    reference.randomize(layer)
    x = np.random.default_rng(0).standard_normal((2, 5, 16)).astype("float32")
    expected = reference.feed_forward(reference.weights_of(layer), x, activation)
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)


def test_each_position_is_transformed_alike():
    layer = FeedForward(16, 24)
    x = np.random.default_rng(0).standard_normal((2, 5, 16)).astype("float32")
    np.testing.assert_allclose(layer(x[:, ::-1]), layer(x)[:, ::-1], atol=1e-6)
