"""The best of thousands of tokens, in few passes over the vocabulary."""

from __future__ import annotations

import tensorflow as tf

_BLOCK = 32  # neighbouring tokens that are looked at together


def best_token(logits: tf.Tensor) -> tf.Tensor:
    """Return the most probable token, the first of equals.

    Two plain passes, a maximum and where it is: XLA vectorises these, but not its own arg max.

    Args:
        logits: `(..., vocab)`.

    Returns:
        int32 `(...)`.
    """
    vocab = tf.shape(logits)[-1]
    is_best = logits >= tf.reduce_max(logits, axis=-1, keepdims=True)
    return tf.reduce_min(tf.where(is_best, tf.range(vocab), vocab - 1), axis=-1)


def top_tokens(logits: tf.Tensor, k: tf.Tensor | int) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the `k` most probable tokens, best first, the first of equals before the others.

    The k best are found in the k blocks with the best maxima, so that only these few are sorted.

    Args:
        logits: `(rows, vocab)`.
        k: int scalar, at most `vocab`.

    Returns:
        Their logits and ids, `(rows, k)`.
    """
    rows, vocab = tf.unstack(tf.shape(logits))
    blocks = (vocab + _BLOCK - 1) // _BLOCK
    padding = [[0, 0], [0, blocks * _BLOCK - vocab]]
    padded = tf.pad(logits, padding, constant_values=logits.dtype.min)
    padded = tf.reshape(padded, [rows, blocks, _BLOCK])
    _, best = tf.math.top_k(tf.reduce_max(padded, axis=-1), tf.minimum(k, blocks))
    best = tf.sort(best, axis=-1)  # (rows, k)
    candidates = tf.gather(padded, best, batch_dims=1)  # (rows, k, block)
    ids = best[:, :, None] * _BLOCK + tf.range(_BLOCK)
    flat = [rows, tf.minimum(k, blocks) * _BLOCK]
    found, order = tf.math.top_k(tf.reshape(candidates, flat), k)
    return found, tf.gather(tf.reshape(ids, flat), order, batch_dims=1)
