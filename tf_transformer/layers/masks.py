"""Attention masks, computed from token ids. `True` means *may attend*."""

from keras import ops

_MASKED = -1e9  # finite, so that a row with nothing to attend to gives no NaN


def padding_mask(token_ids, pad_id=0):
    """Let every query attend to real tokens only.

    Args:
        token_ids: int `(batch, length)`.
        pad_id: the id of padding. Defaults to 0.

    Returns:
        bool `(batch, 1, 1, length)`, to broadcast over heads and queries.
    """
    return ops.not_equal(token_ids, pad_id)[:, None, None, :]


def causal_mask(length):
    """Let the query at each position attend to that position and those before it.

    Args:
        length: number of positions.

    Returns:
        bool `(1, 1, length, length)`.

    Reference:
        *Attention Is All You Need*, section 3.1: "prevent positions from attending to subsequent
        positions".
    """
    positions = ops.arange(length)
    return (positions[None, :] <= positions[:, None])[None, None]


def masked_softmax(scores, attention_mask=None):
    """Return attention weights, computed in float32.

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
