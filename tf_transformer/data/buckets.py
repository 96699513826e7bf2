"""Which batch shapes to use: a few that hold a corpus's sentences with little padding."""

from __future__ import annotations

import dataclasses

import numpy as np

_BATCHES_PER_SHAPE = 2  # each shape may leave one batch part empty, so few batches, few shapes


@dataclasses.dataclass(frozen=True, eq=False)
class Bucket:
    """Pairs that share one batch shape.

    Args:
        members: Indices of the pairs.
        batches: Number of batches that they fill.
        rows: Pairs in a batch; some batches have one less.
        source_length: Length that sources are padded to: that of the longest.
        target_length: Length that targets are padded to.
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


def make_buckets(lengths: np.ndarray, batch_tokens: int, max_buckets: int) -> list[Bucket]:
    """Divides pairs into buckets by the lengths of both sides, so that little is padding.

    Args:
        lengths: Tokens in each pair's source and target. `(2, pairs)`
        batch_tokens: Most of rows times the length of the longer side in a batch.
        max_buckets: Most buckets to make; a corpus of few batches gets fewer.

    Returns:
        The buckets, from short to long. Each has as few batches as the budget allows, and shares
        its pairs out evenly among them.
    """
    batches = lengths.max(axis=0).sum() / batch_tokens  # if nothing were padded
    count = min(max_buckets, int(np.ceil(batches / _BATCHES_PER_SHAPE)))
    distinct, index, counts = np.unique(lengths, axis=1, return_inverse=True, return_counts=True)
    shapes = _search(_equal_shares(lengths, count), distinct, counts)
    shape_of = padded_lengths(distinct, shapes).argmin(axis=1)[index.ravel()]  # (pairs,)
    buckets = [
        _bucket(np.flatnonzero(shape_of == shape), lengths, batch_tokens)
        for shape in np.unique(shape_of)
    ]
    return sorted(buckets, key=lambda bucket: (bucket.target_length, bucket.source_length))


def _equal_shares(lengths: np.ndarray, count: int) -> np.ndarray:
    """Square shapes, such that as many positions fall into each. `(2, shapes)`"""
    longer = np.sort(lengths.max(axis=0))
    positions = np.cumsum(longer)
    edges = longer[np.searchsorted(positions, positions[-1] * np.arange(1, count + 1) / count)]
    return np.stack([edges, edges])


def _search(shapes: np.ndarray, lengths: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Moves the shapes' sides, by ever smaller steps, where that saves positions.

    Args:
        shapes: Where to start; each pair must fit one. `(2, shapes)`
        lengths: The different lengths of pairs. `(2, lengths)`
        counts: Number of pairs of each. `(lengths,)`

    Reference: pattern search (Hooke and Jeeves, 1961).
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
    """Positions that a pair of such lengths takes in each shape; infinite where it does not fit.

    Returns:
        `(lengths, shapes)`
    """
    fits = (lengths[:, :, None] <= shapes[:, None, :]).all(axis=0)
    return np.where(fits, shapes.sum(axis=0), np.inf)


def _bucket(members: np.ndarray, lengths: np.ndarray, batch_tokens: int) -> Bucket:
    source_length, target_length = (int(length) for length in lengths[:, members].max(axis=1))
    batches = -(-len(members) // (batch_tokens // max(source_length, target_length)))
    rows = -(-len(members) // batches)
    return Bucket(members, batches, rows, source_length, target_length)
