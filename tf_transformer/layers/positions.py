"""Where a token stands: waves that are added to it, or rotations of queries and keys."""

import numpy as np
from keras import ops


def _angles(positions, width):
    """Return the angle of each position at `width / 2` wavelengths from 2π to 10,000 · 2π."""
    rates = 10_000 ** (-np.arange(0, width, 2) / width)
    positions = ops.cast(positions, "float32")
    return positions[..., None] * ops.convert_to_tensor(rates, "float32")  # (..., width / 2)


def sinusoids(positions, width):
    """Return the sinusoidal encoding of each position: sines at even, cosines at odd features.

    Args:
        positions: int `(...)`, from 0.
        width: even number of features.

    Returns:
        float32 `(..., width)`.

    Reference:
        *Attention Is All You Need*, section 3.5.
    """
    angles = _angles(positions, width)
    waves = ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1)  # (..., width / 2, 2)
    return ops.reshape(waves, (*ops.shape(positions), width))


def rotate(x, positions):
    """Rotate each pair of features by the angle of its position.

    The dot product of a rotated query and a rotated key depends on their contents and on the
    distance between them, not on where they stand.

    Args:
        x: `(batch, heads, length, width)`, of even width.
        positions: int `(length,)`, or `(batch, length)` if each row has its own, from 0.

    Returns:
        `(batch, heads, length, width)`.

    Reference:
        Su et al. 2021, *RoFormer: Enhanced Transformer with Rotary Position Embedding*, eq. 34.
    """
    angles = _angles(positions, x.shape[-1])
    if len(angles.shape) == 3:
        angles = angles[:, None]  # (batch, 1, length, width / 2)
    sin, cos = ops.cast(ops.sin(angles), x.dtype), ops.cast(ops.cos(angles), x.dtype)
    even, odd = x[..., 0::2], x[..., 1::2]
    rotated = ops.stack([even * cos - odd * sin, even * sin + odd * cos], axis=-1)
    return ops.reshape(rotated, ops.shape(x))
