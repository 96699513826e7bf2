"""The best of thousands of tokens in a few passes over the vocabulary."""

from __future__ import annotations

import tensorflow as tf

_BLOCK = 32  # neighbouring tokens that are compared together


def best_token(logits: tf.Tensor) -> tf.Tensor:
    """Return the most probable token, the first if several are equal.

    One pass finds the maximum of each block, which XLA vectorises; an argmax of all tokens it does
    not.

    Args:
        logits: `(rows, vocab)`.

    Returns:
        int32 `(rows,)`.
    """
    padded = _in_blocks(logits)
    block = tf.argmax(tf.reduce_max(padded, axis=-1), axis=-1, output_type=tf.int32)  # (rows,)
    inside = tf.argmax(tf.gather(padded, block, batch_dims=1), axis=-1, output_type=tf.int32)
    return block * _BLOCK + inside


def top_tokens(logits: tf.Tensor, k: tf.Tensor | int) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the `k` most probable tokens, best first; equal ones in their order.

    The k best tokens are in the k blocks with the best maxima: only these are sorted.

    Args:
        logits: `(rows, vocab)`.
        k: int scalar, at most `vocab`.

    Returns:
        Their logits and ids, `(rows, k)`.
    """
    padded = _in_blocks(logits)
    rows, blocks, _ = tf.unstack(tf.shape(padded))
    _, best = tf.math.top_k(tf.reduce_max(padded, axis=-1), tf.minimum(k, blocks))
    best = tf.sort(best, axis=-1)  # (rows, k)
    candidates = tf.gather(padded, best, batch_dims=1)  # (rows, k, block)
    ids = tf.expand_dims(best, -1) * _BLOCK + tf.range(_BLOCK)
    flat = [rows, tf.minimum(k, blocks) * _BLOCK]
    found, order = tf.math.top_k(tf.reshape(candidates, flat), k)
    return found, tf.gather(tf.reshape(ids, flat), order, batch_dims=1)


def _in_blocks(logits: tf.Tensor) -> tf.Tensor:
    """Divide the vocabulary into blocks, `(rows, blocks, block)`; the last may be filled up."""
    missing = -logits.shape[-1] % _BLOCK
    if missing:
        logits = tf.pad(logits, [[0, 0], [0, missing]], constant_values=logits.dtype.min)
    return tf.reshape(logits, [-1, logits.shape[-1] // _BLOCK, _BLOCK])
