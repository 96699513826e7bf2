"""Sentence pairs whose token ids are another sample in each epoch."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from tf_transformer.data.corpus import Pairs
from tf_transformer.data.tokenized_pairs import (
    Ragged,
    TokenizedPairs,
    append_end,
    choose_rows,
    ragged,
)


class SampledPairs:
    """Sentence pairs as token ids that are sampled anew for each epoch.

    The ids depend on `(seed, epoch)` alone. While an epoch is trained on, a thread samples the
    next. A pair whose sample is too long is taken as it is split best.

    Args:
        best: The pairs, split in the best way.
        texts: The same pairs.
        tokenizers: Of the source and of the target side; they must be able to `sample`.
        alpha: Exponent of the probabilities of ways to split a text; see `SentencePiece.sample`.
        seed: Seed of the samples.
        max_length: Most tokens in a source or a target, START or END included.

    Reference:
        Kudo, "Subword Regularization", 2018.
    """

    def __init__(
        self, best: TokenizedPairs, texts: Pairs, tokenizers, alpha: float, seed: int, max_length
    ):
        self._best = best
        self._texts = texts
        self._tokenizers = tokenizers
        self._alpha = alpha
        self._seed = seed
        self._max_length = max_length
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._lock = threading.Lock()
        self._coming: dict[int, Future] = {}  # of an epoch and the next

    def __len__(self) -> int:
        return len(self._best)

    def report(self) -> str:
        """One line: how many pairs are kept, how many are left out, and why."""
        return self._best.report()

    def of_epoch(self, epoch: int) -> TokenizedPairs:
        """Waits for an epoch's ids, and has the next epoch's prepared."""
        with self._lock:
            self._coming = {
                each: self._coming.get(each) or self._thread.submit(self._sample, each)
                for each in (epoch, epoch + 1)
            }
            coming = self._coming[epoch]
        return coming.result()

    def _sample(self, epoch: int) -> TokenizedPairs:
        seeds = np.random.SeedSequence([self._seed, epoch]).generate_state(2).tolist()
        sides = (self._texts.sources, self._texts.targets)
        sources, targets = (
            _as_ragged(tokenizer.sample(texts, self._alpha, seed))
            for tokenizer, texts, seed in zip(self._tokenizers, sides, seeds, strict=True)
        )
        sampled = TokenizedPairs(append_end(sources), targets, self._best.left_out)
        longer = np.maximum(sources.lengths, targets.lengths)
        return choose_pairs(longer + 1 <= self._max_length, sampled, self._best)


def choose_pairs(
    condition: np.ndarray, pairs: TokenizedPairs, others: TokenizedPairs
) -> TokenizedPairs:
    """Takes each of `pairs` where the condition holds, and the same of `others` where not."""
    return TokenizedPairs(
        choose_rows(condition, pairs.sources, others.sources),
        choose_rows(condition, pairs.targets, others.targets),
        pairs.left_out,
    )


def _as_ragged(rows: list[list[int]]) -> Ragged:
    lengths = np.fromiter(map(len, rows), np.int32, len(rows))
    values = (token for row in rows for token in row)
    return ragged(np.fromiter(values, np.int32, lengths.sum()), lengths)
