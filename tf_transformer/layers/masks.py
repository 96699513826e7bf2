"""Attention masks, computed from token ids. `True` means *may attend*."""

from __future__ import annotations

from keras import ops

from tf_transformer.errors import require
from tf_transformer.layers.checks import require_attention_mask
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
    # Not [:, None, None, :]: LiteRT has no such operation.
    return ops.expand_dims(ops.not_equal(token_ids, pad_id), (1, 2))


def causal_mask(length: Tensor | int) -> Tensor:
    """Let the query at each position attend to that position and those before it.

        mask[i, j] = (j <= i)

    Args:
        length: number of positions; or, in a functional model whose length is not known yet, the
            tokens themselves, `(batch, length)` or `(batch, length, d_model)`.

    Returns:
        bool `(1, 1, length, length)`; for tokens, `(batch, 1, length, length)`.

    Example:
        ```python
        import keras

        from tf_transformer.layers import causal_mask

        causal_mask(2)  # [[[[True, False], [True, True]]]]
        token_ids = keras.Input((None,), dtype="int32")
        causal_mask(token_ids)  # (None, 1, None, None)
        ```

    Reference:
        *Attention Is All You Need*, section 3.1: "prevent positions from attending to subsequent
        positions".
    """
    require(
        length is not None,
        "length=None: the length is not known yet. Pass the tokens: causal_mask(token_ids).",
    )
    if len(getattr(length, "shape", ())) > 1:
        tokens = length[..., 0] if len(length.shape) == 3 else length
        positions = ops.cumsum(ops.ones_like(tokens, dtype="int32"), axis=1)  # (batch, length)
    else:
        positions = ops.arange(length)[None]  # (1, length)
    return (positions[:, None, :] <= positions[:, :, None])[:, None]


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
        return ops.ones_like(scores)  # what a softmax would give, but Keras warns about it
    if attention_mask is not None:
        attention_mask = ops.convert_to_tensor(attention_mask)
        require_attention_mask(attention_mask, scores.shape)
        scores = scores + ops.where(attention_mask, 0.0, _MASKED)
    return ops.softmax(scores)
