"""Searches with one hypothesis for each row."""

from __future__ import annotations

import abc
import dataclasses
from typing import NamedTuple

import tensorflow as tf

from tf_transformer.decoding.loop import write
from tf_transformer.decoding.search import Choice, Hypotheses, Search
from tf_transformer.text.tokenizer import END, PAD


class OneTokenState(NamedTuple):
    """The state of running rows."""

    ids: tf.Tensor  # (running, room)
    scores: tf.Tensor  # (running,)
    ended: tf.Tensor  # (running,)
    done: tf.Tensor  # (running,)


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class OneTokenSearch(Search):
    """Continues each row with one token at a time, until END.

    A subclass chooses the token. A score is the sum of the chosen tokens' log-probabilities.
    """

    @abc.abstractmethod
    def choose(
        self, positions: tf.Tensor, logits: tf.Tensor, rows: dict[str, tf.Tensor]
    ) -> tf.Tensor:
        """Return the next token of each row, int32 `(running,)`.

        Args:
            positions: int32 `(running,)`.
            logits: float32 `(running, vocab)`.
            rows: the search's inputs for these rows.
        """

    def start(self, rows: dict[str, tf.Tensor], room: tf.Tensor | int) -> OneTokenState:
        size = tf.shape(rows["limits"])[0]
        return OneTokenState(
            ids=tf.fill([size, room], PAD),
            scores=tf.zeros([size]),
            ended=tf.zeros([size], tf.bool),
            done=rows["limits"] <= 0,
        )

    def advance(
        self,
        positions: tf.Tensor,
        logits: tf.Tensor,
        rows: dict[str, tf.Tensor],
        state: OneTokenState,
    ) -> Choice:
        logits = tf.squeeze(logits, axis=1)  # (running, vocab)
        choices = self.choose(positions, self.allowed(positions, logits, rows, state.ids), rows)
        token_ids = tf.where(state.done, PAD, choices)
        chosen = tf.gather(logits, token_ids, axis=-1, batch_dims=1)  # (running,)
        gains = chosen - tf.reduce_logsumexp(logits, axis=-1)
        ended = state.ended | (token_ids == END)
        new_state = OneTokenState(
            ids=tf.where(state.done[:, None], state.ids, write(state.ids, positions, token_ids)),
            scores=state.scores + tf.where(state.done, 0.0, gains),
            ended=ended,
            done=state.done | ended | (positions + 1 >= rows["limits"]),
        )
        return Choice(token_ids[:, None], None, new_state)

    def finish(self, rows: dict[str, tf.Tensor], state: OneTokenState) -> Hypotheses:
        truncated = ~state.ended & (rows["limits"] > 0)
        return Hypotheses(state.ids, state.scores, truncated, truncated)
