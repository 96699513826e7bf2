"""Greedy search: always the most probable token."""

from typing import NamedTuple

import tensorflow as tf

from tf_transformer.decoding.loop import Hypotheses, decode, empty_ids, write
from tf_transformer.text.tokenizer import END, PAD


class _State(NamedTuple):
    ids: tf.Tensor  # (batch, length)
    scores: tf.Tensor  # (batch,)
    ended: tf.Tensor  # (batch,)
    done: tf.Tensor  # (batch,)


def greedy_search(model, source_ids, limits):
    """Continue each row with its most probable token until END.

    Args:
        model: a `Transformer`.
        source_ids: int32 `(batch, source_length)`.
        limits: int32 `(batch,)`, most target tokens of each row, END included.

    Returns:
        `Hypotheses`, one a row.
    """
    return choose_tokens(
        model,
        source_ids,
        limits,
        lambda log_probs, position: tf.argmax(log_probs, axis=-1, output_type=tf.int32),
    )


def choose_tokens(model, source_ids, limits, choose):
    """Continue each row with the token that `choose` takes, until END.

    Args:
        model: a `Transformer`.
        source_ids: int32 `(batch, source_length)`.
        limits: int32 `(batch,)`, most target tokens of each row, END included.
        choose: `(log_probs (batch, vocab), position) -> int32 (batch,)`.

    Returns:
        `Hypotheses`, one a row; scores are the chosen tokens' log-probabilities, added up.
    """

    def advance(position, log_probs, state):
        token_ids = tf.where(state.done, PAD, choose(log_probs, position))
        gains = tf.gather(log_probs, token_ids, axis=-1, batch_dims=1)  # (batch,)
        ended = state.ended | (token_ids == END)
        new_state = _State(
            ids=write(state.ids, position, token_ids),
            scores=state.scores + tf.where(state.done, 0.0, gains),
            ended=ended,
            done=ended | (position + 1 >= limits),
        )
        return token_ids, None, new_state

    nothing = tf.zeros_like(limits, tf.bool)
    state = _State(
        ids=empty_ids([tf.shape(limits)[0]], limits),
        scores=tf.zeros_like(limits, tf.float32),
        ended=nothing,
        done=limits <= 0,
    )
    state = decode(model, source_ids, limits, advance, state)
    truncated = ~state.ended & (limits > 0)
    return Hypotheses(state.ids, state.scores, truncated)
