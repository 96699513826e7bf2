"""Where attention leads, through all layers."""

from __future__ import annotations

import numpy as np


def roll_out(weights: np.ndarray) -> np.ndarray:
    """Follows attention from the last layer down to the tokens.

    Half of what a layer hands on was there before (the residual), half is what its heads, on
    average, fetched from elsewhere. The product over the layers is how much of each token has come
    to each position, as far as attention tells: what values and feed-forward networks make of it,
    it does not.

    Args:
        weights: Self-attention of each layer, `(num_layers, num_heads, length, length)`.

    Returns:
        Shares `(length, length)`: each row, a position, adds up to 1.

    Reference:
        Abnar and Zuidema 2020, *Quantifying Attention Flow in Transformers*.
    """
    residual = np.eye(weights.shape[-1])
    shares = residual
    for layer in np.mean(weights, axis=1):
        shares = (residual + layer) / 2 @ shares
    return shares
