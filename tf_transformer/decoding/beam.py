"""Beam search with a length penalty."""

from typing import NamedTuple

import tensorflow as tf

from tf_transformer.decoding.loop import Hypotheses, Search, decode, room_for, select, write
from tf_transformer.decoding.vocabulary import top_tokens
from tf_transformer.text.tokenizer import END, PAD

_NEVER = -1e9  # the score of a hypothesis that is not there


class _State(NamedTuple):
    ids: tf.Tensor  # (seats, beam, length), hypotheses that go on
    scores: tf.Tensor  # (seats, beam), their log-probabilities
    is_greedy: tf.Tensor  # (seats, beam), which one greedy search would have, if it goes on
    ended_ids: tf.Tensor  # (seats, beam, length), hypotheses that ended
    ended_scores: tf.Tensor  # (seats, beam), log-probability / length penalty, best first
    ended: tf.Tensor  # (seats,), how many have ended so far
    done: tf.Tensor  # (seats,)


def length_penalty(length, alpha):
    """Return what a log-probability is divided by, so that long translations have a chance.

    Args:
        length: tokens, END included.
        alpha: strength; 0 for none.

    Reference:
        Wu et al. 2016, *Google's Neural Machine Translation System*, eq. 14.
    """
    return ((5.0 + tf.cast(length, tf.float32)) / 6.0) ** alpha


def beam_search(model, source_ids, limits, beam_size=4, alpha=0.6, room=None):
    """Keep the `beam_size` most probable hypotheses of each row at every step.

    A hypothesis ends when END is among its row's `beam_size` best continuations; a row is done
    when `beam_size` hypotheses have ended, and greedy search's too: that one keeps a place in the
    beam, so that no translation scores below greedy search's. A beam of one is greedy search.

    Args:
        model: a `Transformer`.
        source_ids: int32 `(batch, source_length)`.
        limits: int32 `(batch,)`, most target tokens of each row, END included.
        beam_size: hypotheses a row. Defaults to 4.
        alpha: of `length_penalty`. Defaults to 0.6.
        room: as in `greedy_search`.

    Returns:
        `Hypotheses` with an axis `beam`, best first; those that ended come before those that the
        limit cut.
    """
    room = room_for(limits, room)
    search = _beam(room, beam_size, alpha)
    return decode(model, source_ids, {"limits": limits}, search, room)


def _beam(room, beam_size, alpha):
    """Return beam search as a `Search`."""

    def start(rows):
        size = tf.shape(rows["limits"])[0]
        is_first = tf.tile((tf.range(beam_size) == 0)[None], [size, 1])  # all are the same yet
        nothing = tf.fill([size, beam_size, room], PAD)
        return _State(
            ids=nothing,
            scores=tf.where(is_first, 0.0, _NEVER),
            is_greedy=is_first,
            ended_ids=nothing,
            ended_scores=tf.fill([size, beam_size], _NEVER),
            ended=tf.zeros([size], tf.int32),
            done=rows["limits"] <= 0,
        )

    def advance(positions, logits, rows, state):
        # The 2 * beam best continuations: at most half of them are END, so enough go on.
        size, _, vocab = tf.unstack(tf.shape(logits))
        flat = tf.reshape(logits, [size * beam_size, vocab])
        each = tf.minimum(2 * beam_size, vocab)  # continuations of one hypothesis
        best, token_ids = top_tokens(flat, each)
        log_probs = best - tf.reduce_logsumexp(flat, axis=-1, keepdims=True)
        log_probs, token_ids = (
            tf.reshape(x, [size, beam_size, each]) for x in (log_probs, token_ids)
        )
        is_greedy = state.is_greedy[:, :, None] & (tf.range(each) == 0)
        totals, token_ids, is_greedy = (
            tf.reshape(x, [size, beam_size * each])
            for x in (state.scores[:, :, None] + log_probs, token_ids, is_greedy)
        )
        ranking = tf.where(is_greedy, 1.0, totals)  # 1: above all log-probabilities
        choices = tf.math.top_k(ranking, k=2 * beam_size).indices  # (seats, 2 * beam)
        scores, token_ids, is_greedy = (
            tf.gather(x, choices, batch_dims=1) for x in (totals, token_ids, is_greedy)
        )
        parents = choices // each
        ids = write(tf.gather(state.ids, parents, batch_dims=1), positions, token_ids)
        is_end = token_ids == END

        # Those that end join the best that ended before.
        ends = is_end & (tf.range(2 * beam_size) < beam_size) & (scores > _NEVER / 2)
        penalties = length_penalty(positions + 1, alpha)[:, None]
        ended_scores = tf.where(ends, scores / penalties, _NEVER)
        ended_ids, ended_scores = _best(
            beam_size,
            tf.concat([state.ended_ids, ids], axis=1),
            tf.concat([state.ended_scores, ended_scores], axis=1),
        )
        ended = state.ended + tf.reduce_sum(tf.cast(ends, tf.int32), axis=1)

        # The best of the others go on.
        order = tf.argsort(tf.cast(is_end, tf.int32), axis=1, stable=True)[:, :beam_size]
        ids, scores, is_greedy, parents, token_ids = (
            tf.gather(x, order, batch_dims=1) for x in (ids, scores, is_greedy, parents, token_ids)
        )

        new_state = _State(ids, scores, is_greedy, ended_ids, ended_scores, ended, state.done)
        new_state = select(state.done, state, new_state)
        done = _is_enough(new_state, beam_size) | (positions + 1 >= rows["limits"])
        return token_ids, parents, new_state._replace(done=state.done | done)

    def finish(rows, state):
        return _finish(state, rows["limits"], beam_size, alpha)

    return Search(start, advance, finish, beam_size)


def _finish(state, limits, beam_size, alpha):
    """Fill up with hypotheses that the limit cut, where too few ended."""
    cut_ids, cut_scores = _best(beam_size, state.ids, state.scores)
    cut_scores /= length_penalty(limits, alpha)[:, None]
    is_ended = state.ended_scores > _NEVER / 2
    ranks = tf.concat([tf.where(is_ended, 0, 2), tf.ones_like(is_ended, tf.int32)], axis=1)
    order = tf.argsort(ranks, axis=1, stable=True)[:, :beam_size]
    ids, scores, truncated = (
        tf.gather(tf.concat(pair, axis=1), order, batch_dims=1)
        for pair in (
            (state.ended_ids, cut_ids),
            (state.ended_scores, cut_scores),
            (tf.zeros_like(is_ended), tf.fill(tf.shape(is_ended), True)),
        )
    )
    wanted = limits > 0  # a row of limit 0 has the empty hypothesis alone
    unfinished = wanted & ~_is_enough(state, beam_size)
    wanted = wanted[:, None]
    return Hypotheses(ids, tf.where(wanted, scores, 0.0), truncated & wanted, unfinished)


def _is_enough(state, beam_size):
    """Say for which rows the search may end, `(seats,)`."""
    return (state.ended >= beam_size) & ~tf.reduce_any(state.is_greedy, axis=1)


def _best(count, ids, scores):
    scores, order = tf.math.top_k(scores, k=count)
    return tf.gather(ids, order, batch_dims=1), scores
