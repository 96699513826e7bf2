"""Text pairs as token ids, with a count of those that cannot be used."""

from __future__ import annotations

import dataclasses

import numpy as np
import tensorflow as tf

from tf_transformer.data.corpus import Pairs
from tf_transformer.text.tokenizer import END

_CHUNK = 8_192  # texts tokenised at a time
_SHORT = 10  # tokens; up to this length any ratio of lengths is natural


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

    def report(self) -> str:
        """One line: how many pairs are kept, how many are left out, and why."""
        kept, total = len(self), len(self) + sum(self.left_out.values())
        reasons = [f"{count:,} {reason}" for reason, count in self.left_out.items() if count]
        left_out = f"; left out: {', '.join(reasons)}" if reasons else ""
        return f"{kept:,} of {total:,} pairs kept{left_out}"


def tokenize_pairs(
    pairs: Pairs,
    source_tokenizer,
    target_tokenizer,
    max_length: int = 128,
    max_length_ratio: float = 3.0,
) -> TokenizedPairs:
    """Turns sentence pairs into token ids, leaving out (and counting) those that cannot be used.

    Args:
        pairs: The text.
        source_tokenizer: Tokenizer of the source side: `tokenize` takes strings of `(batch,)` and
            returns a ragged tensor of ids `(batch, tokens)`, without START and END.
        target_tokenizer: Tokenizer of the target side.
        max_length: Most tokens in a source or a target, START or END included. Defaults to 128.
        max_length_ratio: A pair whose longer side has more than this many times the tokens of the
            other is no translation. Sides of up to 10 tokens are not judged. Defaults to 3.

    Returns:
        The pairs that are left, in order.
    """
    sources = _tokenize(pairs.sources, source_tokenizer)
    targets = _tokenize(pairs.targets, target_tokenizer)
    longer = np.maximum(sources.lengths, targets.lengths)
    shorter = np.minimum(sources.lengths, targets.lengths)
    reasons = {  # the first that applies counts
        "empty source": _is_empty(pairs.sources, sources),
        "empty target": _is_empty(pairs.targets, targets),
        "over the length limit": longer + 1 > max_length,
        "extreme length ratio": (longer > _SHORT) & (longer > max_length_ratio * shorter),
    }
    keep = np.ones(len(pairs), bool)
    left_out = {}
    for reason, applies in reasons.items():
        left_out[reason] = int(np.sum(keep & applies))
        keep &= ~applies
    return TokenizedPairs(_append_end(_select(sources, keep)), _select(targets, keep), left_out)


def _tokenize(texts: list[str], tokenizer) -> Ragged:
    values, lengths = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
    for start in range(0, len(texts), _CHUNK):
        tokens = tokenizer.tokenize(tf.constant(texts[start : start + _CHUNK]))
        values.append(tokens.values.numpy())
        lengths.append(tokens.row_lengths().numpy())
    return _ragged(np.concatenate(values), np.concatenate(lengths))


def _ragged(values: np.ndarray, lengths: np.ndarray) -> Ragged:
    return Ragged(values.astype(np.int32), np.append(0, np.cumsum(lengths)).astype(np.int32))


def _is_empty(texts: list[str], tokens: Ragged) -> np.ndarray:
    return np.array([not text.strip() for text in texts], bool) | (tokens.lengths == 0)


def _select(rows: Ragged, keep: np.ndarray) -> Ragged:
    return _ragged(rows.values[np.repeat(keep, rows.lengths)], rows.lengths[keep])


def _append_end(rows: Ragged) -> Ragged:
    return _ragged(np.insert(rows.values, rows.row_splits[1:], END), rows.lengths + 1)
