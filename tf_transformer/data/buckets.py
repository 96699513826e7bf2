"""Which batch shapes to use: a few that hold a corpus's sentences with little padding."""

from __future__ import annotations

import dataclasses

import numpy as np

from tf_transformer.data.repeats import most_repeats

_BATCHES_PER_SHAPE = 2  # each shape may leave one batch part empty, so few batches, few shapes


@dataclasses.dataclass(frozen=True, eq=False)
class Bucket:
    """Pairs that share one batch shape.

    Args:
        members: indices of the pairs.
        batches: number of batches that they fill in an epoch.
        rows: pairs in a batch; some batches have one fewer.
        source_length: length that sources are padded to: that of the longest.
        target_length: length that targets are padded to.
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
    """Divide pairs into buckets by the lengths of both sides, so that there is little padding.

    Args:
        lengths: tokens in each pair's source and target, `(2, pairs)`.
        batch_tokens: limit of a batch: rows times the length of the longer side.
        max_buckets: most buckets to make; a corpus of few batches gets fewer.
        weights: how often each pair is shown, `(pairs,)`: see `repeats`. Defaults to once.

    Returns:
        The buckets, from short to long. Each has as few batches as the budget allows, and divides
        its pairs evenly among them.
    """
    weights = np.ones(lengths.shape[1]) if weights is None else weights
    batches = (lengths.max(axis=0) * weights).sum() / batch_tokens  # if nothing were padded
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
    """Make square shapes into which equally many positions fall, `(2, shapes)`."""
    longer = lengths.max(axis=0)
    order = np.argsort(longer, kind="stable")
    longer = longer[order]
    positions = np.cumsum(longer * weights[order])
    edges = longer[np.searchsorted(positions, positions[-1] * np.arange(1, count + 1) / count)]
    return np.stack([edges, edges])


def _search(shapes: np.ndarray, lengths: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Move the shapes' sides, in ever smaller steps, where that saves positions.

    Args:
        shapes: where to start, `(2, shapes)`; each pair must fit in one.
        lengths: the different lengths of pairs, `(2, lengths)`.
        counts: number of pairs of each that are shown, `(lengths,)`.

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
