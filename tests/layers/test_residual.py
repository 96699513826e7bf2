import keras
import numpy as np
import pytest

from tests import reference
from tf_transformer.layers import FeedForward, Residual

X, Y = np.random.default_rng(0).standard_normal((2, 2, 5, 16)).astype("float32")


def sublayer(function):
    """Return a layer that calls a function."""
    return keras.layers.Lambda(function, output_shape=lambda shape: shape)


def residual(norm, function=lambda h: 3 * h, **kwargs):
    layer = Residual(sublayer(function), norm, **kwargs)
    layer.build(X.shape)
    return reference.randomize(layer)


@pytest.mark.parametrize("normalization", ["layer_norm", "rms_norm"])
@pytest.mark.parametrize("norm", ["pre", "post"])
def test_residual_equals_the_reference(norm, normalization):
    layer = residual(norm, normalization=normalization)
    expected = reference.residual(reference.weights_of(layer), X, lambda h: 3 * h, norm)
    np.testing.assert_allclose(layer(X), expected, atol=1e-5)


def test_pre_norm_leaves_the_stream_itself_alone():
    np.testing.assert_array_equal(residual("pre", lambda h: Y)(X), X + Y)


@pytest.mark.parametrize("dtype", ["mixed_float16", "mixed_bfloat16"])
def test_layer_norm_is_computed_in_float32_under_mixed_precision(dtype):
    # Squares of such values overflow float16, and bfloat16 has no digits for their deviations.
    entered = []
    layer = Residual(sublayer(lambda h: entered.append(h) or h), "pre", dtype=dtype)
    x = np.where(np.arange(16) % 2, 3008, 2976).astype("float32")[None, None]
    layer(x)
    np.testing.assert_allclose(
        np.array(entered[-1], "float32"), np.where(np.arange(16) % 2, 1, -1)[None, None], 1e-2
    )


@pytest.mark.parametrize("dtype", ["mixed_float16", "mixed_bfloat16"])
def test_rms_norm_is_computed_in_float32_under_mixed_precision(dtype):
    entered = []
    layer = Residual(
        sublayer(lambda h: entered.append(h) or h), normalization="rms_norm", dtype=dtype
    )
    x = np.where(np.arange(16) % 2, 3008, -3008).astype("float32")[None, None]
    layer(x)  # squares of these overflow float16
    np.testing.assert_allclose(
        np.array(entered[-1], "float32"), np.where(np.arange(16) % 2, 1, -1)[None, None], 1e-2
    )


@pytest.mark.filterwarnings("error")
def test_a_mask_of_keras_goes_through_either_norm():
    for normalization in ("layer_norm", "rms_norm"):
        ids = keras.Input((None,), dtype="int32")
        x = keras.layers.Embedding(9, 16, mask_zero=True)(ids)
        y = Residual(FeedForward(16, 24), normalization=normalization)(x)
        assert y._keras_mask is not None


def test_dropout_acts_on_the_sublayer_not_on_the_stream():
    layer = residual("pre", lambda h: np.ones_like(X), dropout=0.5)
    added = np.array(layer(X, training=True)) - X
    np.testing.assert_allclose(np.unique(np.round(added, 3)), [0, 2])


def test_an_unknown_norm_is_refused():
    with pytest.raises(ValueError, match="norm='middle' is unknown: choose one of post, pre"):
        Residual(FeedForward(16, 24), "middle")
    with pytest.raises(ValueError, match="normalization='rms' is unknown: did you mean rms_norm"):
        Residual(FeedForward(16, 24), normalization="rms")
