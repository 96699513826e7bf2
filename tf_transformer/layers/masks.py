"""Attention masks, computed from token ids. `True` means *may attend*."""

from __future__ import annotations

from keras import ops

from tf_transformer.layers.types import Tensor

_MASKED = -1e9  # finite, so that a row with nothing to attend to gives no NaN


def padding_mask(token_ids: Tensor, pad_id: int = 0) -> Tensor:
    """Let every query attend to real tokens only.

    Args:
        token_ids: int `(batch, length)`.
        pad_id: the id of padding. Defaults to 0.

    Returns:
        bool `(batch, 1, 1, length)`, to broadcast over heads and queries.

    Example:
        ```python
        import numpy as np

        from tf_transformer.layers import padding_mask

        padding_mask(np.array([[5, 3, 0]]))  # [[[[True, True, False]]]]
        ```
    """
    return ops.not_equal(token_ids, pad_id)[:, None, None, :]


def causal_mask(length: Tensor | int) -> Tensor:
    """Let the query at each position attend to that position and those before it.

        mask[i, j] = (j <= i)

    Args:
        length: number of positions.

    Returns:
        bool `(1, 1, length, length)`.

    Example:
        ```python
        from tf_transformer.layers import causal_mask

        causal_mask(2)  # [[[[True, False], [True, True]]]]
        ```

    Reference:
        *Attention Is All You Need*, section 3.1: "prevent positions from attending to subsequent
        positions".
    """
    positions = ops.arange(length)
    return (positions[None, :] <= positions[:, None])[None, None]


def masked_softmax(scores: Tensor, attention_mask: Tensor | None = None) -> Tensor:
    """Return attention weights, computed in float32.

        softmax(scores + (0 where the mask is True, else -1e9))

    Args:
        scores: `(batch, num_heads, query_length, memory_length)`.
        attention_mask: bool, broadcast to that shape, `True` where the query may attend. Defaults
            to everywhere.

    Returns:
        float32, of the same shape.
    """
    scores = ops.cast(scores, "float32")
    if scores.shape[-1] == 1:
        return ops.ones_like(scores)  # as a softmax would, which Keras warns of
    if attention_mask is not None:
        scores = scores + ops.where(attention_mask, 0.0, _MASKED)
    return ops.softmax(scores)
