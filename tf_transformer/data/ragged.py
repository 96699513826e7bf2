"""Rows of different lengths, laid end to end."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from tf_transformer.text.tokenizer import END, START


@dataclasses.dataclass(frozen=True, eq=False)
class Ragged:
    """Rows of different lengths, laid end to end.

    Args:
        values: the rows' elements, `(sum of the lengths,)`, int32.
        row_splits: where each row starts, and where the last one ends, `(rows + 1,)`, int32.

    Example:
        ```python
        from tf_transformer.data.ragged import Ragged

        rows = Ragged.of([5, 6, 7], lengths=[1, 2])
        rows[1]  # [6, 7]
        ```
    """

    values: np.ndarray
    row_splits: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, lengths: np.ndarray) -> Ragged:
        """Make rows of these lengths."""
        splits = np.append(0, np.cumsum(lengths))
        return cls(np.asarray(values).astype(np.int32), splits.astype(np.int32))

    @property
    def lengths(self) -> np.ndarray:
        """Length of each row, `(rows,)`, int32."""
        return np.diff(self.row_splits)

    def __len__(self) -> int:
        return len(self.row_splits) - 1

    def __getitem__(self, row: int) -> np.ndarray:
        return self.values[self.row_splits[row] : self.row_splits[row + 1]]


def select_rows(rows: Ragged, keep: np.ndarray) -> Ragged:
    """Return the rows where `keep`, booleans `(rows,)`, is true."""
    return Ragged.of(rows.values[np.repeat(keep, rows.lengths)], rows.lengths[keep])


def choose_rows(condition: np.ndarray, rows: Ragged, others: Ragged) -> Ragged:
    """Take each row from `rows` where the condition holds, and from `others` elsewhere."""
    values = np.append(rows.values, others.values)
    starts = np.where(condition, rows.row_splits[:-1], len(rows.values) + others.row_splits[:-1])
    lengths = np.where(condition, rows.lengths, others.lengths)
    moves = starts - np.append(0, np.cumsum(lengths)[:-1])  # from old places to new ones
    return Ragged.of(values[np.arange(lengths.sum()) + np.repeat(moves, lengths)], lengths)


def append_end(rows: Ragged) -> Ragged:
    """Close each row with END."""
    return Ragged.of(np.insert(rows.values, rows.row_splits[1:], END), rows.lengths + 1)


def with_specials(rows: Ragged) -> Ragged:
    """Put START before each row and END after it."""
    ends, starts = rows.row_splits[1:], rows.row_splits[:-1]
    # Between two rows, NumPy inserts in the order given: END, then START.
    values = np.insert(rows.values, np.append(ends, starts), np.repeat([END, START], len(rows)))
    return Ragged(values, rows.row_splits + 2 * np.arange(len(rows) + 1, dtype=np.int32))


def prepend(rows: Ragged, element: int) -> Ragged:
    """Put an element before each row."""
    return Ragged.of(np.insert(rows.values, rows.row_splits[:-1], element), rows.lengths + 1)


def concatenate(rows: Sequence[Ragged]) -> Ragged:
    """Lay several of them end to end."""
    return Ragged.of(
        np.concatenate([each.values for each in rows]),
        np.concatenate([each.lengths for each in rows]),
    )


def cut_rows(rows: Ragged, length: int) -> Ragged:
    """Keep at most this many of each row's first elements."""
    place = np.arange(len(rows.values)) - np.repeat(rows.row_splits[:-1], rows.lengths)
    return Ragged.of(rows.values[place < length], np.minimum(rows.lengths, length))


def slice_rows(rows: Ragged, start: int, count: int) -> Ragged:
    """Return at most `count` rows, from `start` on."""
    splits = rows.row_splits[start : start + count + 1]
    return Ragged(rows.values[splits[0] : splits[-1]], splits - splits[0])
