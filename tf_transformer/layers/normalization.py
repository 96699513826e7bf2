"""Normalisation of vectors."""

from __future__ import annotations

from typing import Any

import keras

from tf_transformer.config.field_types import checked
from tf_transformer.config.stack_config import Normalization

_EPSILON = 1e-6


def make_norm(kind: str = "layer_norm", **kwargs: Any) -> keras.layers.Layer:
    """Return a layer that normalises vectors, with statistics in float32.

        layer_norm: gamma (x - mean(x)) / sqrt(variance(x) + 1e-6) + beta
        rms_norm:   scale x / sqrt(mean(x^2) + 1e-6)

    Args:
        kind: `"layer_norm"` or `"rms_norm"`. Defaults to `"layer_norm"`.
        **kwargs: arguments of any Keras layer, such as `name` and `dtype`.

    Raises:
        UserError: for another kind.

    Reference:
        Ba et al. 2016, *Layer Normalization*; Zhang & Sennrich 2019, *Root Mean Square Layer
        Normalization*.
    """
    if checked("normalization", kind, Normalization) == "layer_norm":
        return keras.layers.LayerNormalization(epsilon=_EPSILON, **kwargs)
    norm = keras.layers.RMSNormalization(epsilon=_EPSILON, **kwargs)
    norm.supports_masking = True  # like the other: it treats each position separately
    return norm
