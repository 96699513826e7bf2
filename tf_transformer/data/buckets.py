"""Which batch shapes to use: a few rectangles that fit a corpus's lengths with little padding."""

from __future__ import annotations

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Bucket:
    """Pairs that share one batch shape.

    Args:
        members: Indices of the pairs.
        batches: Number of batches that they fill.
        rows: Pairs in a batch, filler rows in the last ones included.
        source_length: Length that sources are padded to: that of the longest.
        target_length: Length that targets are padded to.
    """

    members: np.ndarray
    batches: int
    rows: int
    source_length: int
    target_length: int


def make_buckets(lengths: np.ndarray, batch_tokens: int, max_buckets: int) -> list[Bucket]:
    """Divides pairs into buckets by their lengths, so that few positions are padding.

    All the pairs start in one bucket. Then, as a decision tree grows, the cut that saves the most
    positions, by source or by target length, is made until there are `max_buckets`, or until no
    cut saves as much as a batch.

    Args:
        lengths: Tokens in each pair's source and target. `(2, pairs)`
        batch_tokens: Most of rows times the length of the longer side in a batch.
        max_buckets: Most buckets to make.

    Returns:
        The buckets. Each divides its pairs evenly, so that a batch is at most a row short.
    """
    leaves = [_best_cut(np.arange(lengths.shape[1]), lengths, batch_tokens)]
    while len(leaves) < max_buckets:
        best = max(range(len(leaves)), key=lambda leaf: leaves[leaf].saving)
        if leaves[best].saving < batch_tokens:
            break
        leaves[best : best + 1] = [
            _best_cut(part, lengths, batch_tokens) for part in leaves[best].parts
        ]
    return [_bucket(leaf.members, lengths, batch_tokens) for leaf in leaves]


@dataclasses.dataclass(frozen=True, eq=False)
class _Leaf:
    """Pairs in one bucket, and what is to be gained by making two of it."""

    members: np.ndarray
    saving: int = 0  # positions
    parts: tuple[np.ndarray, np.ndarray] | None = None


def _best_cut(members: np.ndarray, lengths: np.ndarray, batch_tokens: int) -> _Leaf:
    best = _Leaf(members)
    for side in range(2):
        order = members[np.argsort(lengths[side, members], kind="stable")]
        sides = lengths[:, order]  # (2, members)
        longest_before = np.maximum.accumulate(sides, axis=1)
        longest_after = np.maximum.accumulate(sides[:, ::-1], axis=1)[:, ::-1]
        cuts = np.flatnonzero(np.diff(sides[side])) + 1  # pairs of one length stay together
        if not len(cuts):
            continue
        count = len(members)
        saving = (
            _positions(count, longest_after[:, 0], batch_tokens)
            - _positions(cuts, longest_before[:, cuts - 1], batch_tokens)
            - _positions(count - cuts, longest_after[:, cuts], batch_tokens)
        )
        where = int(np.argmax(saving))
        if saving[where] > best.saving:
            parts = order[: cuts[where]], order[cuts[where] :]
            best = _Leaf(members, int(saving[where]), parts)
    return best


def _bucket(members: np.ndarray, lengths: np.ndarray, batch_tokens: int) -> Bucket:
    longest = lengths[:, members].max(axis=1)
    batches, rows = _batches_and_rows(len(members), longest, batch_tokens)
    return Bucket(members, int(batches), int(rows), int(longest[0]), int(longest[1]))


def _positions(count, longest, batch_tokens: int):
    """Source and target positions, padding included, in the batches of so many pairs."""
    batches, rows = _batches_and_rows(count, longest, batch_tokens)
    return batches * rows * (longest[0] + longest[1])


def _batches_and_rows(count, longest, batch_tokens: int):
    """As few batches as the token budget allows, and the rows of each to share `count` pairs."""
    most_rows = batch_tokens // np.maximum(longest[0], longest[1])
    batches = -(-count // most_rows)
    return batches, -(-count // batches)
