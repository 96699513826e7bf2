"""Sampling: draw each token from the model's distribution, sharpened or cut if you like."""

from __future__ import annotations

import dataclasses

import tensorflow as tf

from tf_transformer.decoding.one_token import OneTokenSearch

_COLDEST = 1e-6  # temperature at which the most probable token is certain


@dataclasses.dataclass(frozen=True, eq=False)
class Sampling(OneTokenSearch):
    """Draws one translation for each row.

        p(y) = softmax(logits / temperature), of the tokens that `top_k` and `top_p` keep

    A call with a model, source tokens, limits and `draws` returns `Hypotheses`, one for each row:
    see `Search`. Scores are log-probabilities under the unchanged model. `draws` are random
    numbers, one for each token, float32 `(batch, room)`, at least 0 and below 1: see `draws_for`.
    The same draws give the same translations.

    Args:
        temperature: divides the logits. Below 1 is safer, above 1 is wilder, and 0 takes the most
            probable token. Defaults to 1.
        top_k: draw from the k most probable tokens only; 0 means all. Defaults to 0.
        top_p: draw from the fewest tokens that hold this share of the probability. Defaults to 1.

    Example:
        ```python
        import tensorflow as tf

        from tf_transformer.decoding import Sampling, draws_for
        from tf_transformer.models import Transformer

        model = Transformer.from_preset("tiny", vocab_size=4000)
        source_ids, limits = tf.constant([[17, 45, 3]]), tf.constant([10])
        draws = draws_for(seed=1, rows=1, room=10)
        found = Sampling(temperature=0.8)(model, source_ids, limits, draws=draws)
        ```

    Reference:
        Holtzman et al. 2020, *The Curious Case of Neural Text Degeneration* (top-p).
    """

    temperature: tf.Tensor | float = 1.0
    top_k: tf.Tensor | int = 0
    top_p: tf.Tensor | float = 1.0

    def choose(
        self, positions: tf.Tensor, logits: tf.Tensor, rows: dict[str, tf.Tensor]
    ) -> tf.Tensor:
        logits = logits / tf.maximum(self.temperature, _COLDEST)
        logits = keep_top(logits, self.top_k, self.top_p)
        below = tf.cumsum(tf.nn.softmax(logits), axis=-1)  # of a token and those before it
        draw = tf.gather(rows["draws"], positions, batch_dims=1)  # (running,)
        is_passed = below <= (draw * below[:, -1])[:, None]
        return tf.reduce_sum(tf.cast(is_passed, tf.int32), axis=-1)


def draws_for(
    seed: tf.Tensor | int,
    rows: tf.Tensor | int,
    room: tf.Tensor | int,
    place: tf.Tensor | int = 0,
) -> tf.Tensor:
    """Return a random number for each token of each row, float32 `(rows, room)`, below 1.

    A row's draws depend on the seed, the row's number, `place` and `room`, but not on the number of
    rows.

    Args:
        seed: int scalar.
        rows: int scalar.
        room: int scalar, most tokens of a row.
        place: int scalar, number of the sentence if a row has several. Defaults to 0.

    Example:
        ```python
        from tf_transformer.decoding import draws_for

        draws_for(seed=1, rows=2, room=5)  # (2, 5)
        ```
    """
    seeds = tf.stack([tf.cast(seed, tf.int32), tf.cast(place, tf.int32)])
    return tf.random.stateless_uniform([rows, room], seeds, alg="philox")


def keep_top(logits: tf.Tensor, top_k: tf.Tensor | int, top_p: tf.Tensor | float) -> tf.Tensor:
    """Set the logits of improbable tokens to minus infinity; the best one always stays.

    Tokens as probable as the last one kept are kept too.

    Args:
        logits: `(batch, vocab)`.
        top_k: how many to keep; 0 means all.
        top_p: keep the fewest tokens whose probabilities add up to at least this.

    Returns:
        `(batch, vocab)`.
    """
    vocab = tf.shape(logits)[-1]
    rank = tf.range(vocab)
    in_top_k = tf.equal(top_k, 0) | (rank < tf.maximum(top_k, 1))
    ordered = tf.sort(logits, axis=-1, direction="DESCENDING")
    shares = tf.nn.softmax(tf.where(in_top_k, ordered, -float("inf")))
    before = tf.cumsum(shares, axis=-1, exclusive=True)  # the sum of better tokens' shares
    in_top_p = (before < top_p) | (rank == 0) | tf.greater_equal(top_p, 1.0)
    kept = tf.where(in_top_k & in_top_p, ordered, float("inf"))
    threshold = tf.reduce_min(kept, axis=-1, keepdims=True)  # the lowest logit that is kept
    return tf.where(logits >= threshold, logits, -float("inf"))
