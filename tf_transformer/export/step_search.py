"""Greedy and beam search for engines that run an encoder and single steps of the decoder.

An export contains a copy of this file, which therefore imports only NumPy and the standard library.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

START, END = 2, 3
NEVER = -1e9  # the score of a hypothesis that does not exist

Tensors = dict[str, np.ndarray]
Run = Callable[[Tensors], Tensors]


class StepSearch:
    """Finds translations with the two graphs of an export, by the searches of `decoding`.

    Rows that are done leave the batch.

    Args:
        encode: runs the encoder: from its inputs to its outputs, by name.
        step: runs a step of the decoder.

    Call arguments:
        source_ids: int32 `(batch, source_length)`, END after each source and then zeros.
        limits: int32 `(batch,)`, most tokens of each translation, END included; at least 1.
        beam_size: hypotheses of a row; 1 is greedy search.
        length_penalty: power of the length that a beam's scores are divided by.

    Returns:
        Ids, int32 `(batch, length)`, END included where it was reached and then zeros; and scores,
        float32 `(batch,)`.
    """

    def __init__(self, encode: Run, step: Run) -> None:
        self._encode, self._step = encode, step

    def __call__(
        self, source_ids: np.ndarray, limits: np.ndarray, beam_size: int, length_penalty: float
    ) -> tuple[np.ndarray, np.ndarray]:
        if beam_size == 1:
            return self._greedy(source_ids, limits)
        return self._beam(source_ids, limits, beam_size, length_penalty)

    def _greedy(self, source_ids: np.ndarray, limits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        ids = np.zeros((len(limits), limits.max()), np.int32)
        scores = np.zeros(len(limits), np.float32)
        rows, token_ids = np.arange(len(limits)), np.full(len(limits), START, np.int32)
        source, past = self._read(source_ids, copies=1)
        for position in range(limits.max()):
            log_probs, past = self._next(source, past, token_ids, position)
            token_ids = log_probs.argmax(axis=1).astype(np.int32)  # (running,)
            ids[rows, position] = token_ids
            scores[rows] += log_probs[np.arange(len(rows)), token_ids]
            runs = (token_ids != END) & (position + 1 < limits[rows])
            if not runs.any():
                break
            rows, token_ids = rows[runs], token_ids[runs]
            source, past = _select(source, runs), _select(past, runs)
        return ids, scores

    def _beam(
        self, source_ids: np.ndarray, limits: np.ndarray, size: int, length_penalty: float
    ) -> tuple[np.ndarray, np.ndarray]:
        ids = np.zeros((len(limits), limits.max()), np.int32)
        scores = np.zeros(len(limits), np.float32)
        rows, beam = np.arange(len(limits)), _Beam.start(*ids.shape, size)
        token_ids = np.full(len(limits) * size, START, np.int32)
        source, past = self._read(source_ids, copies=size)
        for position in range(limits.max()):
            log_probs, past = self._next(source, past, token_ids, position)
            log_probs = log_probs.reshape(len(rows), size, -1)
            token_ids, parents, beam = beam.advance(log_probs, position, length_penalty)
            runs = ~beam.is_enough & (position + 1 < limits[rows])
            ids[rows[~runs]], scores[rows[~runs]] = beam.select(~runs).best(
                limits[rows[~runs]], length_penalty
            )
            if not runs.any():
                break
            parents = np.arange(len(rows))[:, None] * size + parents
            source = _select(source, np.repeat(runs, size))
            past = _select(past, parents[runs].ravel())
            rows, beam, token_ids = rows[runs], beam.select(runs), token_ids[runs].ravel()
        return ids, scores

    def _read(self, source_ids: np.ndarray, copies: int) -> tuple[Tensors, Tensors]:
        """Return what steps know of the sources, and a past without tokens; each row repeated."""
        found = self._encode({"source_ids": source_ids})
        memory = {name: x for name, x in found.items() if name.startswith("memory")}
        source = {
            name: np.repeat(x, copies, axis=0)
            for name, x in {"source_ids": source_ids, **memory}.items()
        }
        past = {name.replace("memory", "past"): source[name][:, :, :0] for name in memory}
        return source, past

    def _next(
        self, source: Tensors, past: Tensors, token_ids: np.ndarray, position: int
    ) -> tuple[np.ndarray, Tensors]:
        """Return the log-probabilities of the next tokens, `(running, vocab)`, and the new past."""
        found = self._step({**source, **past, "token_ids": token_ids[:, None]})
        logits = found["logits"]
        logits = logits - logits.max(axis=1, keepdims=True)
        log_probs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        if position == 0:
            log_probs[:, END] = 2 * NEVER  # no translation is empty
        return log_probs, {name: found[name.replace("past", "present")] for name in past}


class _Beam(NamedTuple):
    """The hypotheses of rows."""

    ids: np.ndarray  # (running, beam, room), hypotheses that continue
    scores: np.ndarray  # (running, beam), their log-probabilities
    is_greedy: np.ndarray  # (running, beam), which one is greedy search's, if it is kept
    ended_ids: np.ndarray  # (running, beam, room), hypotheses that ended
    ended_scores: np.ndarray  # (running, beam), log-probability / length penalty, best first
    ended: np.ndarray  # (running,), how many have ended so far

    @classmethod
    def start(cls, rows: int, room: int, size: int) -> _Beam:
        """Return the beam before the first token: a first hypothesis, which the others equal."""
        is_first = np.tile(np.arange(size) == 0, (rows, 1))
        nothing = np.zeros((rows, size, room), np.int32)
        scores = np.where(is_first, np.float32(0), np.float32(NEVER))
        never = np.full((rows, size), NEVER, np.float32)
        return cls(nothing, scores, is_first, nothing, never, np.zeros(rows, np.int32))

    @property
    def is_enough(self) -> np.ndarray:
        """For which rows the search may end, `(running,)`."""
        return (self.ended >= self.scores.shape[1]) & ~self.is_greedy.any(axis=1)

    def select(self, rows: np.ndarray) -> _Beam:
        """Return the beam of some rows."""
        return _Beam(*(x[rows] for x in self))

    def advance(
        self, log_probs: np.ndarray, position: int, length_penalty: float
    ) -> tuple[np.ndarray, np.ndarray, _Beam]:
        """Return the next tokens and their parents, `(running, beam)`, and the beam after them.

        Args:
            log_probs: of the next tokens, `(running, beam, vocab)`.
            position: of the next tokens.
            length_penalty: see `StepSearch`.
        """
        size = log_probs.shape[1]
        # Of the 2 * beam best continuations at most half are END, which leaves enough to continue.
        ids, scores, token_ids, parents, is_greedy = self._continue(log_probs, position)
        is_end = token_ids == END  # (running, 2 * beam)

        # Those that end now compete with the best that ended before.
        ends = is_end & (np.arange(2 * size) < size) & (scores > NEVER / 2)
        penalized = scores / _penalty(position + 1, length_penalty)
        ended_ids = np.concatenate([self.ended_ids, ids], axis=1)
        ended_scores = np.concatenate(
            [self.ended_scores, np.where(ends, penalized, np.float32(NEVER))], axis=1
        )
        best = _top(ended_scores, size)

        # The best of the others continue.
        others = np.argsort(is_end, axis=1, kind="stable")[:, :size]
        beam = _Beam(
            _take(ids, others),
            _take(scores, others),
            _take(is_greedy, others),
            _take(ended_ids, best),
            _take(ended_scores, best),
            self.ended + ends.sum(axis=1),
        )
        return _take(token_ids, others), _take(parents, others), beam

    def _continue(self, log_probs: np.ndarray, position: int) -> tuple[np.ndarray, ...]:
        """Return the `2 * beam` best continuations of each row's hypotheses.

        Returns:
            Their ids, `(running, 2 * beam, room)`; then, each `(running, 2 * beam)`, their
            log-probabilities, last tokens and parents, and which one is greedy search's.
        """
        rows, size, vocab = log_probs.shape
        each = min(2 * size, vocab)
        token_ids = _top(log_probs, each)  # (running, beam, each)
        totals = self.scores[..., None] + np.take_along_axis(log_probs, token_ids, axis=2)
        is_greedy = self.is_greedy[..., None] & (np.arange(each) == 0)
        totals, token_ids, is_greedy = (
            x.reshape(rows, size * each) for x in (totals, token_ids, is_greedy)
        )
        best = _top(np.where(is_greedy, np.float32(1), totals), 2 * size)
        scores, token_ids, is_greedy = (_take(x, best) for x in (totals, token_ids, is_greedy))
        parents = best // each
        ids = _take(self.ids, parents)
        ids[:, :, position] = token_ids
        return ids, scores, token_ids.astype(np.int32), parents, is_greedy

    def best(self, limits: np.ndarray, length_penalty: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the ids and the score of each row's best hypothesis; one that ended, if any."""
        has_ended = self.ended_scores[:, 0] > NEVER / 2
        cut = _top(self.scores, 1)
        cut_scores = _take(self.scores, cut)[:, 0] / _penalty(limits, length_penalty)
        return (
            np.where(has_ended[:, None], self.ended_ids[:, 0], _take(self.ids, cut)[:, 0]),
            np.where(has_ended, self.ended_scores[:, 0], cut_scores),
        )


def _penalty(length: np.ndarray | int, power: float) -> np.ndarray | float:
    return ((5.0 + length) / 6.0) ** power


def _select(tensors: Tensors, rows: np.ndarray) -> Tensors:
    """Return some rows, chosen by number or by truth."""
    if rows.dtype == bool and rows.all():
        return tensors
    return {name: x[rows] for name, x in tensors.items()}


def _take(x: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Take from the second axis of `x` at each row's places, `(rows, places)`."""
    return np.take_along_axis(x, places.reshape(*places.shape, *[1] * (x.ndim - 2)), axis=1)


def _top(x: np.ndarray, count: int) -> np.ndarray:
    """Return the places of the largest on the last axis, the largest first."""
    places = np.argpartition(x, -count, axis=-1)[..., -count:]
    places.sort(axis=-1)  # of equal ones, the first comes first
    order = np.argsort(-np.take_along_axis(x, places, axis=-1), axis=-1, kind="stable")
    return np.take_along_axis(places, order, axis=-1)
