"""The choice of batch shapes: a few that hold a corpus's sentences with little padding."""

from __future__ import annotations

import dataclasses

import numpy as np

from tf_transformer.data.repeats import most_repeats

_BATCHES_PER_SHAPE = 2  # at least: each shape may leave one batch partly empty


@dataclasses.dataclass(frozen=True, eq=False)
class Bucket:
    """Pairs that share one batch shape.

    Args:
        members: indices of the pairs.
        batches: number of batches that they fill in an epoch.
        rows: pairs in a batch; some batches have one fewer.
        source_length: padded length of sources: that of the longest.
        target_length: padded length of targets.
    """

    members: np.ndarray
    batches: int
    rows: int
    source_length: int
    target_length: int

    @property
    def positions(self) -> int:
        """Source and target positions in all the batches, padding included."""
        return self.batches * self.rows * (self.source_length + self.target_length)


def make_buckets(
    lengths: np.ndarray, batch_tokens: int, max_buckets: int, weights: np.ndarray | None = None
) -> list[Bucket]:
    """Divide pairs into buckets according to both sides' lengths, to keep padding low.

    Args:
        lengths: tokens in each pair's source and target, `(2, pairs)`.
        batch_tokens: limit on the rows of a batch times the length of the longer side.
        max_buckets: most buckets; a corpus of few batches gets fewer.
        weights: how often each pair is shown, `(pairs,)`: see `repeats`. Defaults to once.

    Returns:
        The buckets, from short to long. Each has as few batches as the budget allows, with its
        pairs divided evenly among them.
    """
    weights = np.ones(lengths.shape[1]) if weights is None else weights
    batches = (lengths.max(axis=0) * weights).sum() / batch_tokens  # without any padding
    count = min(max_buckets, int(np.ceil(batches / _BATCHES_PER_SHAPE)))
    distinct, index = np.unique(lengths, axis=1, return_inverse=True)
    counts = np.bincount(index.ravel(), weights)
    shapes = _search(_equal_shares(lengths, count, weights), distinct, counts)
    shape_of = padded_lengths(distinct, shapes).argmin(axis=1)[index.ravel()]  # (pairs,)
    buckets = [
        _bucket(np.flatnonzero(shape_of == shape), lengths, batch_tokens, weights)
        for shape in np.unique(shape_of)
    ]
    return sorted(buckets, key=lambda bucket: (bucket.target_length, bucket.source_length))


def _equal_shares(lengths: np.ndarray, count: int, weights: np.ndarray) -> np.ndarray:
    """Make square shapes that take equally many positions each, `(2, shapes)`."""
    longer = lengths.max(axis=0)
    order = np.argsort(longer, kind="stable")
    longer = longer[order]
    positions = np.cumsum(longer * weights[order])
    edges = longer[np.searchsorted(positions, positions[-1] * np.arange(1, count + 1) / count)]
    return np.stack([edges, edges])


def _search(shapes: np.ndarray, lengths: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Move the shapes' sides, in ever smaller steps, where that saves positions.

    Args:
        shapes: the starting point, `(2, shapes)`; each pair must fit in one of them.
        lengths: the distinct lengths of pairs, `(2, lengths)`.
        counts: number of pairs of each length that are shown, `(lengths,)`.

    Reference:
        Hooke and Jeeves, "Direct Search Solution of Numerical and Statistical Problems", 1961
        (pattern search).
    """
    shapes = shapes.copy()
    for step in (16, 16, 8, 8, 4, 4, 2, 2, 1, 1):
        for shape in range(shapes.shape[1]):
            others = padded_lengths(lengths, np.delete(shapes, shape, axis=1))
            best_other = others.min(axis=1, keepdims=True, initial=np.inf)  # (lengths, 1)
            for move in ((step, 0), (-step, 0), (0, step), (0, -step)):
                trials = np.stack([shapes[:, shape], shapes[:, shape] + move], axis=1)  # (2, 2)
                stay, go = counts @ np.minimum(best_other, padded_lengths(lengths, trials))
                if go < stay:
                    shapes[:, shape] += move
    return shapes


def padded_lengths(lengths: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    """Count the positions that a pair takes in each shape.

    Args:
        lengths: tokens in each pair's source and target, `(2, lengths)`.
        shapes: lengths of each shape's sides, `(2, shapes)`.

    Returns:
        `(lengths, shapes)`, infinite where the pair does not fit.
    """
    fits = (lengths[:, :, None] <= shapes[:, None, :]).all(axis=0)
    return np.where(fits, shapes.sum(axis=0), np.inf)


def _bucket(
    members: np.ndarray, lengths: np.ndarray, batch_tokens: int, weights: np.ndarray
) -> Bucket:
    source_length, target_length = (int(length) for length in lengths[:, members].max(axis=1))
    shown = most_repeats(weights[members])
    batches = -(-shown // (batch_tokens // max(source_length, target_length)))
    rows = -(-shown // batches)
    return Bucket(members, batches, rows, source_length, target_length)
