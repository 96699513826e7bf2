"""Epochs that are longer or shorter than a pass over the corpus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tensorflow as tf

if TYPE_CHECKING:
    from tf_transformer.config import TrainingConfig
    from tf_transformer.data import BlockBatches, LabelledBatches
    from tf_transformer.data.batch_plan import BatchPlan

    Batches = BatchPlan | BlockBatches | LabelledBatches


class Epochs:
    """The same batches in the same order, in epochs of another length.

    Each epoch goes on where the one before ended: the stream of batches knows only passes.

    Args:
        batches: batches to train on.
        steps_per_epoch: number of batches in an epoch.
    """

    def __init__(self, batches: Batches, steps_per_epoch: int) -> None:
        self._batches = batches
        self.steps_per_epoch = steps_per_epoch
        self.target_tokens = round(
            steps_per_epoch * batches.target_tokens / batches.steps_per_epoch
        )
        self.padding = batches.padding
        self.seed = batches.seed

    @classmethod
    def of(cls, batches: Batches | Epochs, config: TrainingConfig) -> Batches | Epochs:
        """Return the batches, in epochs as long as the configuration asks for."""
        if isinstance(batches, cls):
            return batches
        steps = config.steps_per_epoch or config.passes * batches.steps_per_epoch
        return batches if steps == batches.steps_per_epoch else cls(batches, steps)

    def report(self) -> str:
        """Return one line on the batches of one pass."""
        return self._batches.report()

    def dataset(self, first_step: int = 0) -> tf.data.Dataset:
        """Return the endless stream of batches, which does not depend on epochs."""
        return self._batches.dataset(first_step)

    def one_pass(self) -> tf.data.Dataset:
        """Return everything once, in a fixed order, for validation."""
        return self._batches.one_pass()
