"""The best of thousands of tokens in a few passes over the vocabulary."""

from __future__ import annotations

import tensorflow as tf

_BLOCK = 32  # neighbouring tokens that are compared together


def best_token(logits: tf.Tensor) -> tf.Tensor:
    """Return the most probable token, the first if several are equal.

    It makes two plain passes, for the maximum and for its place: XLA vectorises these, but not its
    own argmax.

    Args:
        logits: `(..., vocab)`.

    Returns:
        int32 `(...)`.
    """
    vocab = tf.shape(logits)[-1]
    is_best = logits >= tf.reduce_max(logits, axis=-1, keepdims=True)
    return tf.reduce_min(tf.where(is_best, tf.range(vocab), vocab - 1), axis=-1)


def top_tokens(logits: tf.Tensor, k: tf.Tensor | int) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the `k` most probable tokens, best first; equal ones in their order.

    The k best tokens are in the k blocks with the best maxima: only these are sorted.

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
    ids = tf.expand_dims(best, -1) * _BLOCK + tf.range(_BLOCK)
    flat = [rows, tf.minimum(k, blocks) * _BLOCK]
    found, order = tf.math.top_k(tf.reshape(candidates, flat), k)
    return found, tf.gather(tf.reshape(ids, flat), order, batch_dims=1)
