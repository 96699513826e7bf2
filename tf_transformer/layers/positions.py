"""Positions: waves added to token vectors, or rotations of queries and keys."""

from __future__ import annotations

import numpy as np
from keras import ops

from tf_transformer.layers.checks import require_pairs
from tf_transformer.layers.types import Tensor


def _angles(positions: Tensor, width: int) -> Tensor:
    """Return the angle of each position at `width / 2` wavelengths from 2π to 10,000 · 2π."""
    require_pairs("width", width)
    rates = 10_000 ** (-np.arange(0, width, 2) / width)
    positions = ops.cast(positions, "float32")
    return positions[..., None] * ops.convert_to_tensor(rates, "float32")  # (..., width / 2)


def sinusoids(positions: Tensor, width: int) -> Tensor:
    """Return the sinusoidal encoding of each position: sines at even, cosines at odd features.

        PE(pos, 2i)     = sin(pos / 10000^(2i / width))
        PE(pos, 2i + 1) = cos(pos / 10000^(2i / width))

    Args:
        positions: int `(...)`, from 0.
        width: even number of features.

    Returns:
        float32 `(..., width)`.

    Example:
        ```python
        import numpy as np

        from tf_transformer.layers import sinusoids

        sinusoids(np.arange(50), width=128)  # (50, 128)
        ```

    Reference:
        *Attention Is All You Need*, section 3.5.
    """
    angles = _angles(positions, width)
    waves = ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1)  # (..., width / 2, 2)
    return ops.reshape(waves, (*ops.shape(positions), width))


def rotate(x: Tensor, positions: Tensor) -> Tensor:
    """Rotate each pair of features by the angle of its position.

        (x_2i, x_2i+1) → (x_2i cos a - x_2i+1 sin a, x_2i sin a + x_2i+1 cos a)
        a = pos / 10000^(2i / width)

    The dot product of a rotated query and a rotated key depends on their contents and on the
    distance between them, not on their absolute positions.

    Args:
        x: `(batch, heads, length, width)`, of even width.
        positions: int `(length,)`, from 0; or broadcast to `(batch, length)` if rows differ.

    Returns:
        `(batch, heads, length, width)`.

    Example:
        ```python
        import keras
        import numpy as np

        from tf_transformer.layers import rotate

        queries = keras.random.normal((2, 8, 10, 16))
        rotate(queries, np.arange(10))  # (2, 8, 10, 16)
        ```

    Reference:
        Su et al. 2021, *RoFormer: Enhanced Transformer with Rotary Position Embedding*, eq. 34.
    """
    width = x.shape[-1]
    angles = ops.repeat(_angles(positions, width), 2, axis=-1)  # (..., width)
    if len(angles.shape) == 3:
        angles = angles[:, None]  # (batch, 1, length, width)
    signs = np.tile([-1.0, 1.0], width // 2)
    sin, cos = ops.cast(ops.sin(angles) * signs, x.dtype), ops.cast(ops.cos(angles), x.dtype)
    # On a CPU, this is three times as fast as to take even and odd features apart.
    pairs = ops.reshape(x, (*ops.shape(x)[:-1], width // 2, 2))
    partners = ops.reshape(ops.flip(pairs, axis=-1), ops.shape(x))
    return x * cos + partners * sin
