"""Sentence pairs whose token ids are drawn again for each epoch."""

from __future__ import annotations

import numpy as np

from tf_transformer.data.ragged import Ragged, append_end, choose_rows
from tf_transformer.data.tokenized_pairs import TokenizedPairs
from tf_transformer.text.subword_sampler import SubwordSampler


class SampledPairs:
    """Sentence pairs as token ids that are drawn again for each epoch.

    The ids depend only on `(seed, epoch)`. A pair that gets too many ids is split in the best way
    instead.

    Args:
        best: the pairs, split in the best way.
        sources: sampler of the sources' ids.
        targets: sampler of the targets' ids.
        max_length: most tokens in a source or a target, START or END included.
        seed: seed of the draws.

    Reference:
        Kudo, "Subword Regularization", 2018.
    """

    def __init__(
        self,
        best: TokenizedPairs,
        sources: SubwordSampler,
        targets: SubwordSampler,
        max_length: int,
        seed: int,
    ) -> None:
        self._best = best
        self._samplers = (sources, targets)
        self._max_length = max_length
        self._seed = seed

    def __len__(self) -> int:
        return len(self._best)

    def report(self) -> str:
        """Return one line on how many pairs are kept, how many are left out, and why."""
        return self._best.report()

    def of_epoch(self, epoch: int) -> TokenizedPairs:
        """Draw the ids to train on in an epoch."""
        rng = np.random.default_rng([self._seed, epoch])
        sources, targets = (Ragged.of(*sampler.draw(rng)) for sampler in self._samplers)
        longer = np.maximum(sources.lengths, targets.lengths)
        drawn = TokenizedPairs(append_end(sources), targets, self._best.left_out)
        return choose_pairs(longer + 1 <= self._max_length, drawn, self._best)


def choose_pairs(
    condition: np.ndarray, pairs: TokenizedPairs, others: TokenizedPairs
) -> TokenizedPairs:
    """Take each pair from `pairs` where the condition holds, and from `others` elsewhere."""
    return TokenizedPairs(
        choose_rows(condition, pairs.sources, others.sources),
        choose_rows(condition, pairs.targets, others.targets),
        pairs.left_out,
    )
