"""Greedy search: always the most probable token."""

from typing import NamedTuple

import tensorflow as tf

from tf_transformer.decoding.loop import Hypotheses, Search, decode, room_for, write
from tf_transformer.decoding.vocabulary import best_token
from tf_transformer.text.tokenizer import END, PAD


class _State(NamedTuple):
    ids: tf.Tensor  # (seats, length)
    scores: tf.Tensor  # (seats,)
    ended: tf.Tensor  # (seats,)
    done: tf.Tensor  # (seats,)


def greedy_search(model, source_ids, limits, room=None, first_ids=None):
    """Continue each row with its most probable token until END.

    Args:
        model: a `Transformer`.
        source_ids: int32 `(batch, source_length)`.
        limits: int32 `(batch,)`, most target tokens of each row, END included.
        room: int scalar, the width of the ids that are returned: see `room_for`. Defaults to the
            longest limit.
        first_ids: int32 `(batch,)`, the token that each row begins with. Defaults to START.

    Returns:
        `Hypotheses`, one a row.
    """
    room = room_for(limits, room)
    search = one_token_at_a_time(room, lambda positions, logits, rows: best_token(logits))
    return decode(model, source_ids, {"limits": limits}, search, room, first_ids)


def one_token_at_a_time(room, choose):
    """Return the `Search` that continues each row with the token that `choose` takes.

    Scores are the chosen tokens' log-probabilities, added up.

    Args:
        room: int scalar, most target tokens of a row.
        choose: `(positions (seats,), logits (seats, vocab), rows) -> int32 (seats,)`; `rows` is a
            dictionary of what belongs to the rows, their `"limits"` among it.
    """

    def start(rows):
        size = tf.shape(rows["limits"])[0]
        return _State(
            ids=tf.fill([size, room], PAD),
            scores=tf.zeros([size]),
            ended=tf.zeros([size], tf.bool),
            done=rows["limits"] <= 0,
        )

    def advance(positions, logits, rows, state):
        logits = logits[:, 0]  # (seats, vocab)
        token_ids = tf.where(state.done, PAD, choose(positions, logits, rows))
        chosen = tf.gather(logits, token_ids, axis=-1, batch_dims=1)  # (seats,)
        gains = chosen - tf.reduce_logsumexp(logits, axis=-1)
        ended = state.ended | (token_ids == END)
        new_state = _State(
            ids=tf.where(state.done[:, None], state.ids, write(state.ids, positions, token_ids)),
            scores=state.scores + tf.where(state.done, 0.0, gains),
            ended=ended,
            done=state.done | ended | (positions + 1 >= rows["limits"]),
        )
        return token_ids[:, None], None, new_state

    def finish(rows, state):
        truncated = ~state.ended & (rows["limits"] > 0)
        return Hypotheses(state.ids, state.scores, truncated, truncated)

    return Search(start, advance, finish)
