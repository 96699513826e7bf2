"""Averages of the weights, which are steadier than the weights of a single step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import keras
from keras import ops

if TYPE_CHECKING:
    from tf_transformer.layers.types import Tensor


class WeightAverages(keras.callbacks.Callback):
    """Replaces a model's weights by averages while it is validated, scored and kept.

    The averages are the optimizer's, or those of the weights at the ends of the last epochs,

        average = sum(weights) / number of epochs

    Training continues from the weights themselves.

    Args:
        model: a built model.
        last: number of epochs to average; 0 means the optimizer's moving average. Defaults to 0.

    Attributes:
        variables: variables that a checkpoint must hold, so that averaging can resume.

    Reference:
        *Attention Is All You Need*, section 6.1 (the last epochs).
    """

    def __init__(self, model: keras.Model, last: int = 0) -> None:
        super().__init__()
        self.set_model(model)
        self._ends = [
            [
                keras.Variable(ops.zeros(weight.shape), dtype=weight.dtype, trainable=False)
                for weight in self._weights
            ]
            for _ in range(last)
        ]
        self.variables = [variable for end in self._ends for variable in end]

    @property
    def _weights(self) -> list[keras.Variable]:
        return self.model.trainable_variables

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch = epoch

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._own = [ops.copy(weight) for weight in self._weights]
        if self._ends:
            _assign(self._ends[self._epoch % len(self._ends)], self._own)
        _assign(self._weights, self._averages())

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        _assign(self._weights, self._own)

    def _averages(self) -> list[Tensor]:
        if not self._ends:
            optimizer = self.model.optimizer
            return getattr(optimizer, "inner_optimizer", optimizer).averages
        ends = self._ends[: self._epoch + 1]
        return [sum(values) / len(ends) for values in zip(*ends, strict=True)]


def _assign(variables: Iterable[keras.Variable], values: Iterable[Tensor]) -> None:
    for variable, value in zip(variables, values, strict=True):
        # A copy, because JAX would donate an array that two variables share.
        variable.assign(ops.copy(value))
