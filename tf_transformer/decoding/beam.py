"""Beam search with a length penalty."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import tensorflow as tf

from tf_transformer.decoding.loop import select, write
from tf_transformer.decoding.search import NEVER, Choice, Hypotheses, Search
from tf_transformer.decoding.vocabulary import top_tokens
from tf_transformer.text.tokenizer import END, PAD


class _State(NamedTuple):
    ids: tf.Tensor  # (running, beam, room), hypotheses that continue
    scores: tf.Tensor  # (running, beam), their log-probabilities
    is_greedy: tf.Tensor  # (running, beam), which one is greedy search's, if it is kept
    ended_ids: tf.Tensor  # (running, beam, room), hypotheses that ended
    ended_scores: tf.Tensor  # (running, beam), log-probability / length penalty, best first
    ended: tf.Tensor  # (running,), how many have ended so far
    done: tf.Tensor  # (running,)


def length_penalty(length: tf.Tensor | int, alpha: tf.Tensor | float) -> tf.Tensor:
    """Return the divisor of a log-probability that gives long translations a chance.

        lp(y) = ((5 + |y|) / 6) ^ alpha
        score(y) = log p(y | source) / lp(y)

    Args:
        length: tokens, END included.
        alpha: strength; 0 means no penalty.

    Example:
        ```python
        from tf_transformer.decoding import length_penalty

        length_penalty(1, alpha=0.6)  # 1.0
        length_penalty(7, alpha=1.0)  # 2.0
        ```

    Reference:
        Wu et al. 2016, *Google's Neural Machine Translation System*, eq. 14.
    """
    return ((5.0 + tf.cast(length, tf.float32)) / 6.0) ** alpha


@dataclasses.dataclass(frozen=True, eq=False)
class BeamSearch(Search):
    """Keeps the `beam_size` most probable hypotheses of each row at every step.

    A hypothesis ends when END is among its row's `beam_size` best continuations. A row is done
    when `beam_size` of its hypotheses have ended. A call with a model, source tokens and limits
    returns `Hypotheses` with an axis `beam`, best first; hypotheses that ended come before those
    that the limit cut off: see `Search`.

    With `keep_greedy`, greedy search's hypothesis keeps a place in the beam until it has ended:
    no translation then scores below greedy search's. Without it, this is the search of Wu et al. A
    beam of one is greedy search.

    Args:
        beam_size: hypotheses of a row. Defaults to 4.
        alpha: strength of the length penalty: see `length_penalty`. Defaults to 0.6.
        keep_greedy: whether greedy search's hypothesis stays. Defaults to `True`.

    Example:
        ```python
        import tensorflow as tf

        from tf_transformer.decoding import BeamSearch
        from tf_transformer.models import Transformer

        model = Transformer.from_preset("tiny", vocab_size=4000)
        source_ids = tf.constant([[17, 45, 3]])
        found = BeamSearch(beam_size=4)(model, source_ids, limits=tf.constant([10]))
        found.ids  # (1, 4, 10)
        found.scores  # (1, 4)
        ```

    Reference:
        *Attention Is All You Need*, section 6.1; Wu et al. 2016, *Google's Neural Machine
        Translation System*, section 7.
    """

    beam_size: tf.Tensor | int = 4
    alpha: tf.Tensor | float = 0.6
    keep_greedy: bool = True

    @property
    def width(self) -> tf.Tensor | int:
        """Hypotheses of a row."""
        return self.beam_size

    def start(self, rows: dict[str, tf.Tensor], room: tf.Tensor | int) -> _State:
        size = tf.shape(rows["limits"])[0]
        is_first = tf.tile((tf.range(self.beam_size) == 0)[None], [size, 1])  # the others equal it
        nothing = tf.fill([size, self.beam_size, room], PAD)
        return _State(
            ids=nothing,
            scores=tf.where(is_first, 0.0, NEVER),
            is_greedy=is_first if self.keep_greedy else tf.zeros_like(is_first),
            ended_ids=nothing,
            ended_scores=tf.fill([size, self.beam_size], NEVER),
            ended=tf.zeros([size], tf.int32),
            done=rows["limits"] <= 0,
        )

    def advance(
        self,
        positions: tf.Tensor,
        logits: tf.Tensor,
        rows: dict[str, tf.Tensor],
        state: _State,
    ) -> Choice:
        # Of the 2 * beam best continuations at most half are END, which leaves enough to continue.
        ids, scores, token_ids, parents, is_greedy = self._continue(positions, logits, rows, state)
        is_end = token_ids == END  # (running, 2 * beam)

        # Those that end now compete with the best that ended before.
        in_beam = tf.range(2 * self.beam_size) < self.beam_size
        ends = is_end & in_beam & (scores > NEVER / 2)
        penalties = length_penalty(positions + 1, self.alpha)[:, None]
        ended_ids, ended_scores = self._best(
            tf.concat([state.ended_ids, ids], axis=1),
            tf.concat([state.ended_scores, tf.where(ends, scores / penalties, NEVER)], axis=1),
        )
        ended = state.ended + tf.reduce_sum(tf.cast(ends, tf.int32), axis=1)

        # The best of the others continue.
        order = tf.argsort(tf.cast(is_end, tf.int32), axis=1, stable=True)[:, : self.beam_size]
        ids, scores, is_greedy, parents, token_ids = (
            tf.gather(x, order, batch_dims=1) for x in (ids, scores, is_greedy, parents, token_ids)
        )

        new_state = _State(ids, scores, is_greedy, ended_ids, ended_scores, ended, state.done)
        new_state = select(state.done, state, new_state)
        done = self._is_enough(new_state) | (positions + 1 >= rows["limits"])
        return Choice(token_ids, parents, new_state._replace(done=state.done | done))

    def _continue(
        self,
        positions: tf.Tensor,
        logits: tf.Tensor,
        rows: dict[str, tf.Tensor],
        state: _State,
    ) -> tuple[tf.Tensor, ...]:
        """Return the `2 * beam` best continuations of each row's hypotheses.

        Returns:
            Their ids, `(running, 2 * beam, room)`; then, each `(running, 2 * beam)`, their
            log-probabilities, last tokens and parents, and which one is greedy search's.
        """
        log_probs, token_ids = self._candidates(positions, logits, rows, state)
        size, _, each = tf.unstack(tf.shape(token_ids))
        is_greedy = tf.expand_dims(state.is_greedy, -1) & (tf.range(each) == 0)
        totals = tf.expand_dims(state.scores, -1) + log_probs
        ranking = self._ranking(totals, token_ids, rows, state)
        ranking = tf.where(is_greedy, 1.0, ranking)  # 1: above all log-probabilities
        ranking, totals, token_ids, is_greedy = (
            tf.reshape(x, [size, self.beam_size * each])
            for x in (ranking, totals, token_ids, is_greedy)
        )
        choices = tf.math.top_k(ranking, k=2 * self.beam_size).indices  # (running, 2 * beam)
        scores, token_ids, is_greedy = (
            tf.gather(x, choices, batch_dims=1) for x in (totals, token_ids, is_greedy)
        )
        parents = choices // each
        ids = write(tf.gather(state.ids, parents, batch_dims=1), positions, token_ids)
        return ids, scores, token_ids, parents, is_greedy

    def _candidates(
        self,
        positions: tf.Tensor,
        logits: tf.Tensor,
        rows: dict[str, tf.Tensor],
        state: _State,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the best continuations of each hypothesis, `(running, beam, each)`, best first.

        Returns:
            Their log-probabilities and last tokens.
        """
        size, _, vocab = tf.unstack(tf.shape(logits))
        each = tf.minimum(2 * self.beam_size, vocab)
        scores = self.allowed(positions, logits, rows, state.ids)
        best = top_tokens(tf.reshape(scores, [size * self.beam_size, vocab]), each)
        scores, token_ids = (tf.reshape(x, [size, self.beam_size, each]) for x in best)
        return scores - tf.reduce_logsumexp(logits, axis=-1, keepdims=True), token_ids

    def _ranking(
        self,
        totals: tf.Tensor,
        token_ids: tf.Tensor,
        rows: dict[str, tf.Tensor],
        state: _State,
    ) -> tf.Tensor:
        """Return values, at most 0, that are higher for better continuations.

        Args:
            totals: float32 `(running, beam, each)`, log-probabilities of hypotheses.
            token_ids: int32 `(running, beam, each)`, their last tokens.
            rows: as in `advance`.
            state: as in `advance`.
        """
        return totals

    def finish(self, rows: dict[str, tf.Tensor], state: _State) -> Hypotheses:
        # Where too few ended, hypotheses that the limit cut off fill the places.
        cut_ids, cut_scores = self._best(state.ids, state.scores)
        cut_scores /= length_penalty(rows["limits"], self.alpha)[:, None]
        is_ended = state.ended_scores > NEVER / 2
        ranks = tf.concat([tf.where(is_ended, 0, 2), tf.ones_like(is_ended, tf.int32)], axis=1)
        order = tf.argsort(ranks, axis=1, stable=True)[:, : self.beam_size]
        ids, scores, truncated = (
            tf.gather(tf.concat(pair, axis=1), order, batch_dims=1)
            for pair in (
                (state.ended_ids, cut_ids),
                (state.ended_scores, cut_scores),
                (tf.zeros_like(is_ended), tf.fill(tf.shape(is_ended), True)),
            )
        )
        wanted = rows["limits"] > 0  # a row with limit 0 has only the empty hypothesis
        unfinished = wanted & ~self._is_enough(state)
        wanted = wanted[:, None]
        return Hypotheses(ids, tf.where(wanted, scores, 0.0), truncated & wanted, unfinished)

    def _is_enough(self, state: _State) -> tf.Tensor:
        """Return for which rows the search may end, `(running,)`."""
        return (state.ended >= self.beam_size) & ~tf.reduce_any(state.is_greedy, axis=1)

    def _best(self, ids: tf.Tensor, scores: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the `beam_size` best hypotheses, best first, and their scores."""
        scores, order = tf.math.top_k(scores, k=self.beam_size)
        return tf.gather(ids, order, batch_dims=1), scores
