"""Texts split into pieces at random."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import sentencepiece

_WAYS = 64  # most ways to split a word: the most probable ones
_LONG = 40  # characters; a longer "word" is not one, and is always split in the best way


class SubwordSampler:
    """Draws one of the ways to split each word of some texts.

    A unigram model gives each way x a probability P(x). One of a word's best ways is drawn with the
    probability

        P(x) ** alpha / (sum of P(y) ** alpha over these ways y)

    No piece spans two words, so that words are drawn separately. SentencePiece's own sampling
    differs from process to process, even with a seed; its list of the best ways does not.

    Args:
        model: a unigram SentencePiece model, serialised.
        texts: the texts, prepared for the model.
        alpha: exponent of the probabilities.

    Reference:
        Kudo, "Subword Regularization", 2018, section 3.3 (with l = 64).
    """

    def __init__(self, model: bytes, texts: Sequence[str], alpha: float) -> None:
        processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        scores = np.array([processor.get_score(i) for i in range(processor.get_piece_size())])
        words = [text.split(" ") if text else [] for text in texts]
        kinds = {
            word: kind for kind, word in enumerate(dict.fromkeys(w for row in words for w in row))
        }
        self._row_splits = np.append(0, np.cumsum([len(row) for row in words], dtype=np.int64))
        self._words = np.array([kinds[word] for row in words for word in row], np.int64)

        found = [_ways(processor, word) for word in kinds]
        ways = [ids for of_word in found for ids in of_word]
        self._lengths = np.array([len(ids) for ids in ways], np.int64)
        self._starts = np.cumsum(self._lengths) - self._lengths
        self._ids = np.fromiter(itertools.chain.from_iterable(ways), np.int32)
        counts = np.array([len(of_word) for of_word in found], np.int64)
        self._last = np.cumsum(counts) - 1  # way of each kind
        logs = np.add.reduceat(np.append(scores[self._ids], 0.0), self._starts)
        self._shares = _add_up(alpha * logs, counts, self._last)

    def draw(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Split each text, differently each time.

        Args:
            rng: source of the draws.

        Returns:
            The ids of all texts, laid end to end, and the number of ids of each text.
        """
        draws = self._words + rng.random(len(self._words))
        ways = np.searchsorted(self._shares, draws, side="right")
        ways = np.minimum(ways, self._last[self._words])  # rounding may go beyond
        lengths = self._lengths[ways]
        ends = np.cumsum(lengths)
        moves = self._starts[ways] - (ends - lengths)
        ids = self._ids[np.arange(lengths.sum()) + np.repeat(moves, lengths)]
        return ids, np.diff(np.append(0, ends)[self._row_splits])


def _add_up(logs: np.ndarray, counts: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return cumulative shares of the ways, from `k` to `k + 1` for word `k`."""
    first, kinds = last - counts + 1, np.arange(len(counts))
    powers = np.exp(logs - np.repeat(np.maximum.reduceat(logs, first), counts))
    sums = np.cumsum(powers)
    before = np.repeat(sums[first] - powers[first], counts)
    shares = (sums - before) / np.repeat(np.add.reduceat(powers, first), counts)
    shares = np.minimum(shares, 1.0)  # against rounding, like the next line
    shares[last] = 1.0
    return shares + np.repeat(kinds, counts)


def _ways(processor: sentencepiece.SentencePieceProcessor, word: str) -> list[list[int]]:
    """Find the best ways to split a word, with the space before it, into ids."""
    if not word:
        return [processor.encode(" ")[:1]]  # two spaces, of which one begins the text
    if len(word) > _LONG:
        return [processor.encode(word)]
    return processor.nbest_encode(word, nbest_size=_WAYS)
