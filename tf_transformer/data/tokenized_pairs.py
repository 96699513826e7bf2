"""Text pairs as token ids."""

from __future__ import annotations

import dataclasses

import numpy as np

from tf_transformer.text.tokenizer import END


@dataclasses.dataclass(frozen=True, eq=False)
class Ragged:
    """Rows of different lengths, laid end to end.

    Args:
        values: The rows' elements. `(sum of the lengths,)`, int32
        row_splits: Where each row starts, and where the last one ends. `(rows + 1,)`, int32
    """

    values: np.ndarray
    row_splits: np.ndarray

    @property
    def lengths(self) -> np.ndarray:
        """Length of each row. `(rows,)`, int32"""
        return np.diff(self.row_splits)

    def __len__(self) -> int:
        return len(self.row_splits) - 1

    def __getitem__(self, row: int) -> np.ndarray:
        return self.values[self.row_splits[row] : self.row_splits[row + 1]]


@dataclasses.dataclass(frozen=True, eq=False)
class TokenizedPairs:
    """Sentence pairs as token ids.

    They are held in memory: 4 bytes a token and 8 a pair, some 200 bytes a pair of TED.

    Args:
        sources: Source token ids, each row closed with END.
        targets: Target token ids, without START and END.
        left_out: Number of pairs that could not be used, by reason.
    """

    sources: Ragged
    targets: Ragged
    left_out: dict[str, int] = dataclasses.field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.sources)

    def of_epoch(self, epoch: int) -> TokenizedPairs:
        """The ids to train on in an epoch: these, in all epochs."""
        return self

    def report(self) -> str:
        """One line: how many pairs are kept, how many are left out, and why."""
        kept, total = len(self), len(self) + sum(self.left_out.values())
        reasons = [f"{count:,} {reason}" for reason, count in self.left_out.items() if count]
        left_out = f"; left out: {', '.join(reasons)}" if reasons else ""
        return f"{kept:,} of {total:,} pairs kept{left_out}"


def ragged(values: np.ndarray, lengths: np.ndarray) -> Ragged:
    return Ragged(values.astype(np.int32), np.append(0, np.cumsum(lengths)).astype(np.int32))


def select_rows(rows: Ragged, keep: np.ndarray) -> Ragged:
    return ragged(rows.values[np.repeat(keep, rows.lengths)], rows.lengths[keep])


def choose_rows(condition: np.ndarray, rows: Ragged, others: Ragged) -> Ragged:
    """Takes each of `rows` where the condition holds, and the same of `others` where not."""
    values = np.append(rows.values, others.values)
    starts = np.where(condition, rows.row_splits[:-1], len(rows.values) + others.row_splits[:-1])
    lengths = np.where(condition, rows.lengths, others.lengths)
    moves = starts - np.append(0, np.cumsum(lengths)[:-1])  # from old places to new ones
    return ragged(values[np.arange(lengths.sum()) + np.repeat(moves, lengths)], lengths)


def append_end(rows: Ragged) -> Ragged:
    return ragged(np.insert(rows.values, rows.row_splits[1:], END), rows.lengths + 1)


def cut_rows(rows: Ragged, length: int) -> Ragged:
    """Takes at most so many of each row's first elements."""
    place = np.arange(len(rows.values)) - np.repeat(rows.row_splits[:-1], rows.lengths)
    return ragged(rows.values[place < length], np.minimum(rows.lengths, length))
