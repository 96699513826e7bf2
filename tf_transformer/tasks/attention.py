"""The attention of a translation model: tokens, and where it looked."""

from __future__ import annotations

import keras
import tensorflow as tf

from tf_transformer.text.tokenizer import PAD, START, Tokenizer


def attention_of(
    model: keras.Model,
    source_tokenizer: Tokenizer,
    target_tokenizer: Tokenizer,
    source_ids: tf.Tensor,
    target_ids: tf.Tensor,
) -> dict[str, tf.Tensor]:
    """Return where a model looks as it writes given translations.

    Args:
        model: a translation model.
        source_tokenizer: its `Tokenizer`.
        target_tokenizer: its `Tokenizer`.
        source_ids: int32 `(batch, source)`.
        target_ids: int32 `(batch, target)`.

    Returns:
        `source_tokens`, string `(batch, source)`, and `target_tokens`, string `(batch, target)`,
        with empty strings for padding; `attention`, float32
        `(batch, layers, heads, target, source)`; and, for a model with self-attention,
        `encoder_attention`, `(batch, layers, heads, source, source)`, and `decoder_attention`,
        `(batch, layers, heads, target, target)`, whose columns are START and all target tokens but
        the last.
    """
    weights = model.attention_weights(source_ids, _shifted(target_ids))
    return {
        "source_tokens": _labels(source_tokenizer, source_ids),
        "target_tokens": _labels(target_tokenizer, target_ids),
        "attention": weights.pop("cross"),
        **{f"{side}_attention": self_weights for side, self_weights in weights.items()},
    }


def alignment_weights(attention: tf.Tensor) -> tf.Tensor:
    """Return one weight for each pair of tokens, float32 `(batch, target, source)`.

    It is the mean of all heads of all layers: `benchmarks/alignment.py` compares others.

    Args:
        attention: float32 `(batch, layers, heads, target, source)`.
    """
    return tf.reduce_mean(attention, axis=[1, 2])


def token_log_probabilities(
    model: keras.Model, source_ids: tf.Tensor, target_ids: tf.Tensor
) -> tf.Tensor:
    """Return the log-probability of each token of given translations, 0 for PAD.

        log p(y_t | y_1, …, y_{t-1}, source)

    Args:
        model: a translation model.
        source_ids: int32 `(batch, source)`.
        target_ids: int32 `(batch, target)`.

    Returns:
        float32 `(batch, target)`.
    """
    logits = tf.cast(model((source_ids, _shifted(target_ids))), tf.float32)
    found = tf.gather(tf.nn.log_softmax(logits), target_ids, batch_dims=2)
    return tf.where(target_ids == PAD, 0.0, found)


def trim(ids: tf.Tensor) -> tf.Tensor:
    """Cut off the last columns if they hold only padding, but keep the first column.

    Args:
        ids: int32 `(batch, length)`.
    """
    lengths = tf.reduce_sum(tf.cast(ids != PAD, tf.int32), axis=1)
    return ids[:, : tf.reduce_max(tf.concat([lengths, [1]], axis=0))]


def _shifted(target_ids: tf.Tensor) -> tf.Tensor:
    """Return what the decoder has read when it writes each token: START and those before it."""
    starts = tf.fill([tf.shape(target_ids)[0], 1], START)
    return tf.concat([starts, target_ids[:, :-1]], axis=1)


def _labels(tokenizer: Tokenizer, ids: tf.Tensor) -> tf.Tensor:
    return tf.where(ids == PAD, "", tokenizer.tokens(ids))
