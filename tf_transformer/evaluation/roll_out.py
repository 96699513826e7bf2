"""Attention roll-out: where attention leads through all layers."""

from __future__ import annotations

import numpy as np


def roll_out(weights: np.ndarray) -> np.ndarray:
    """Follow attention from the last layer down to the tokens.

        shares = product over the layers, last to first, of (I + mean over heads of weights) / 2

    Half of a layer's output was there before (the residual); the other half is what its heads, on
    average, fetched from other positions. The product over the layers tells how much of each token
    has reached each position, as far as attention shows. What values and feed-forward networks make
    of it remains unknown.

    Args:
        weights: self-attention of each layer, float `(num_layers, num_heads, length, length)`.

    Returns:
        Shares, float `(length, length)`: each row, a position, adds up to 1.

    Example:
        ```python
        import numpy as np
        from tf_transformer.evaluation import roll_out

        roll_out(np.full((2, 4, 3, 3), 1 / 3)).sum(axis=1)  # rows add up to 1
        ```

    Reference:
        Abnar and Zuidema 2020, *Quantifying Attention Flow in Transformers*.
    """
    residual = np.eye(weights.shape[-1])
    shares = residual
    for layer in np.mean(weights, axis=1):
        shares = (residual + layer) / 2 @ shares
    return shares
