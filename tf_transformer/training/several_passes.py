"""Epochs that make several passes over a small corpus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tensorflow as tf

if TYPE_CHECKING:
    from tf_transformer.config import TrainingConfig
    from tf_transformer.data import BlockBatches, BucketedBatches, LabelledBatches

    Batches = BucketedBatches | BlockBatches | LabelledBatches


class SeveralPasses:
    """The same batches in the same order, but with several passes in an epoch.

    Args:
        batches: batches to train on.
        passes: number of passes in an epoch.
    """

    def __init__(self, batches: Batches, passes: int) -> None:
        self._batches = batches
        self.passes = passes
        self.steps_per_epoch = passes * batches.steps_per_epoch
        self.target_tokens = passes * batches.target_tokens
        self.padding = batches.padding
        self.seed = batches.seed

    @classmethod
    def of(cls, batches: Batches | SeveralPasses, config: TrainingConfig) -> Batches:
        """Return the batches, with as many passes in an epoch as the configuration asks for."""
        if config.passes == 1 or isinstance(batches, cls):
            return batches
        return cls(batches, config.passes)

    def report(self) -> str:
        """Return one line on the batches of one pass."""
        return self._batches.report()

    def dataset(self, first_step: int = 0) -> tf.data.Dataset:
        """Return the endless stream of batches, which does not depend on epochs."""
        return self._batches.dataset(first_step)

    def one_pass(self) -> tf.data.Dataset:
        """Return everything once, in a fixed order, for validation."""
        return self._batches.one_pass()
