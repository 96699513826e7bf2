"""Validating and keeping averages of the weights: steadier than those of any one step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
from keras import ops


class WeightAverages(keras.callbacks.Callback):
    """Puts averages in the place of a model's weights while it is validated, scored and kept.

    The averages are those that the optimizer keeps, or, over the weights that each of the last
    epochs ended with,

        average = sum(weights) / number of epochs

    Training goes on from the weights themselves.

    Args:
        model: a built model.
        last: number of epochs to average; 0 for the optimizer's moving average. Defaults to 0.

    Attributes:
        variables: what a checkpoint must hold for averaging to go on.

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
        self._own = [ops.convert_to_numpy(weight) for weight in self._weights]
        if self._ends:
            _assign(self._ends[self._epoch % len(self._ends)], self._own)
        _assign(self._weights, self._averages())

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        _assign(self._weights, self._own)

    def _averages(self) -> list[np.ndarray]:
        if not self._ends:
            optimizer = self.model.optimizer
            averages = getattr(optimizer, "inner_optimizer", optimizer).averages
            # Copies: JAX would give away the one array that two variables share.
            return [ops.convert_to_numpy(average) for average in averages]
        ends = self._ends[: self._epoch + 1]
        return [sum(values) / len(ends) for values in zip(*ends, strict=True)]


def _assign(variables: Iterable[keras.Variable], values: Iterable[np.ndarray]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
