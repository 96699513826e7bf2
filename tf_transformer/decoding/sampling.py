"""Sampling: draw each token from the model's distribution, made sharper or shorter if wanted."""

import tensorflow as tf

from tf_transformer.decoding.greedy import choose_tokens

_COLDEST = 1e-6  # temperature at which the most probable token is certain


def sample(model, source_ids, limits, seed, temperature=1.0, top_k=0, top_p=1.0, room=None):
    """Draw one translation a row.

    Args:
        model: a `Transformer`.
        source_ids: int32 `(batch, source_length)`.
        limits: int32 `(batch,)`, most target tokens of each row, END included.
        seed: int scalar; the same seed and batch give the same translations.
        temperature: divides the logits: below 1 is bolder, above 1 wilder, and 0 takes the most
            probable token. Defaults to 1.
        top_k: draw from the k most probable tokens only; 0 for all. Defaults to 0.
        top_p: draw from the fewest tokens that hold this share of the probability. Defaults to 1.
        room: as in `greedy_search`.

    Returns:
        `Hypotheses`, one a row; scores are log-probabilities under the model itself.

    Reference:
        Holtzman et al. 2020, *The Curious Case of Neural Text Degeneration* (top-p).
    """

    def draw(logits, position):
        logits = keep_top(logits / tf.maximum(temperature, _COLDEST), top_k, top_p)
        seeds = tf.stack([tf.cast(seed, tf.int32), position])
        draws = tf.random.stateless_categorical(logits, 1, seeds, dtype=tf.int32)
        return draws[:, 0]  # (batch,)

    return choose_tokens(model, source_ids, limits, draw, room)


def keep_top(logits, top_k, top_p):
    """Set the logits of improbable tokens to minus infinity; the best one always stays.

    Tokens as probable as the last one that is kept are kept too.

    Args:
        logits: `(batch, vocab)`.
        top_k: how many to keep; 0 for all.
        top_p: keep the fewest tokens whose probabilities add up to at least this.

    Returns:
        `(batch, vocab)`.
    """
    vocab = tf.shape(logits)[-1]
    rank = tf.range(vocab)
    in_top_k = tf.equal(top_k, 0) | (rank < tf.maximum(top_k, 1))
    ordered = tf.sort(logits, axis=-1, direction="DESCENDING")
    shares = tf.nn.softmax(tf.where(in_top_k, ordered, -float("inf")))
    before = tf.cumsum(shares, axis=-1, exclusive=True)  # what better tokens hold together
    in_top_p = (before < top_p) | (rank == 0) | tf.greater_equal(top_p, 1.0)
    kept = tf.where(in_top_k & in_top_p, ordered, float("inf"))
    threshold = tf.reduce_min(kept, axis=-1, keepdims=True)  # the least logit that is kept
    return tf.where(logits >= threshold, logits, -float("inf"))
