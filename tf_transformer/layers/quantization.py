"""The config entry of a quantized layer: with it, loading restores the quantization too."""

from __future__ import annotations

from typing import Any

import keras


def dtype_config(layer: keras.layers.Layer) -> dict[str, Any]:
    """Return the entry of a layer's config that names the dtype policies of its quantized parts.

    Args:
        layer: a layer that hands its dtype policy down to its parts.

    Returns:
        `{"dtype": …}`, or an empty dictionary if no part is quantized.
    """
    parts = list(layer._flatten_layers(include_self=False))
    if not any(part.quantization_mode for part in parts):
        return {}
    policies = keras.dtype_policies.DTypePolicyMap(default_policy=layer.dtype_policy)
    for part in parts:
        if part.dtype_policy != layer.dtype_policy:
            policies[part.path] = part.dtype_policy
    return {"dtype": keras.dtype_policies.serialize(policies)}
