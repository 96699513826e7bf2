"""Sampling: draw each token from the model's distribution, made sharper or shorter if wanted."""

import tensorflow as tf

from tf_transformer.decoding.greedy import choose_tokens


def sample(model, source_ids, limits, seed, temperature=1.0, top_k=0, top_p=1.0):
    """Draw one translation a row.

    Args:
        model: a `Transformer`.
        source_ids: int32 `(batch, source_length)`.
        limits: int32 `(batch,)`, most target tokens of each row, END included.
        seed: int scalar; the same seed and batch give the same translations.
        temperature: divides the logits: below 1 is bolder, above 1 wilder. Defaults to 1.
        top_k: draw from the k most probable tokens only; 0 for all. Defaults to 0.
        top_p: draw from the fewest tokens that hold this share of the probability. Defaults to 1.

    Returns:
        `Hypotheses`, one a row; scores are log-probabilities under the model itself.

    Reference:
        Holtzman et al. 2020, *The Curious Case of Neural Text Degeneration* (top-p).
    """

    def draw(log_probs, position):
        log_probs = keep_top(log_probs / temperature, top_k, top_p)
        seeds = tf.stack([tf.cast(seed, tf.int32), position])
        draws = tf.random.stateless_categorical(log_probs, 1, seeds, dtype=tf.int32)
        return draws[:, 0]  # (batch,)

    return choose_tokens(model, source_ids, limits, draw)


def keep_top(logits, top_k, top_p):
    """Set the logits of improbable tokens to minus infinity; the best one always stays.

    Args:
        logits: `(batch, vocab)`.
        top_k: how many to keep; 0 for all.
        top_p: keep the fewest tokens whose probabilities add up to at least this.

    Returns:
        `(batch, vocab)`.
    """
    vocab = tf.shape(logits)[-1]
    top_k = tf.where(tf.equal(top_k, 0), vocab, tf.clip_by_value(top_k, 1, vocab))
    ordered = tf.sort(logits, axis=-1, direction="DESCENDING")
    ordered = tf.where(tf.range(vocab) < top_k, ordered, -float("inf"))
    before = tf.cumsum(tf.nn.softmax(ordered), axis=-1, exclusive=True)
    kept = tf.where((before < top_p) | (tf.range(vocab) == 0), ordered, float("inf"))
    threshold = tf.reduce_min(kept, axis=-1, keepdims=True)  # the least logit that is kept
    return tf.where(logits >= threshold, logits, -float("inf"))
