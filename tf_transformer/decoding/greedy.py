"""Greedy search: always the most probable token."""

from typing import NamedTuple

import tensorflow as tf

from tf_transformer.decoding.loop import Hypotheses, decode, room_for, write
from tf_transformer.decoding.vocabulary import best_token
from tf_transformer.text.tokenizer import END, PAD


class _State(NamedTuple):
    ids: tf.Tensor  # (batch, length)
    scores: tf.Tensor  # (batch,)
    ended: tf.Tensor  # (batch,)
    done: tf.Tensor  # (batch,)


def greedy_search(model, source_ids, limits, room=None):
    """Continue each row with its most probable token until END.

    Args:
        model: a `Transformer`.
        source_ids: int32 `(batch, source_length)`.
        limits: int32 `(batch,)`, most target tokens of each row, END included.
        room: int scalar, the width of the ids that are returned: see `room_for`. Defaults to the
            longest limit.

    Returns:
        `Hypotheses`, one a row.
    """
    return choose_tokens(
        model, source_ids, limits, lambda logits, position: best_token(logits), room
    )


def choose_tokens(model, source_ids, limits, choose, room=None):
    """Continue each row with the token that `choose` takes, until END.

    Args:
        model: a `Transformer`.
        source_ids: int32 `(batch, source_length)`.
        limits: int32 `(batch,)`, most target tokens of each row, END included.
        choose: `(logits (batch, vocab), position) -> int32 (batch,)`.
        room: as in `greedy_search`.

    Returns:
        `Hypotheses`, one a row; scores are the chosen tokens' log-probabilities, added up.
    """

    def advance(position, logits, state):
        logits = logits[:, 0]  # (batch, vocab)
        token_ids = tf.where(state.done, PAD, choose(logits, position))
        chosen = tf.gather(logits, token_ids, axis=-1, batch_dims=1)  # (batch,)
        gains = chosen - tf.reduce_logsumexp(logits, axis=-1)
        ended = state.ended | (token_ids == END)
        new_state = _State(
            ids=write(state.ids, position, token_ids),
            scores=state.scores + tf.where(state.done, 0.0, gains),
            ended=ended,
            done=ended | (position + 1 >= limits),
        )
        return token_ids[:, None], None, new_state

    room = room_for(limits, room)
    batch = tf.shape(limits)[0]
    state = _State(
        ids=tf.fill([batch, room], PAD),
        scores=tf.zeros([batch]),
        ended=tf.zeros([batch], tf.bool),
        done=limits <= 0,
    )
    state = decode(model, source_ids, limits, advance, state, room=room)
    truncated = ~state.ended & (limits > 0)
    return Hypotheses(state.ids, state.scores, truncated)
