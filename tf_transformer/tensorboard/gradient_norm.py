"""The norm of gradients."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf


class GradientNorm:
    """Measures the norm of the gradient of all weights together, before clipping.

        norm = sqrt(sum(g ** 2 for all elements g of all gradients))

    It is summed inside the step that `fit` compiles, and read from time to time: see `of`.
    """

    def __init__(self) -> None:
        self._sum, self._steps = (keras.Variable(0.0, trainable=False) for _ in range(2))

    @classmethod
    def of(cls, optimizer: keras.optimizers.Optimizer) -> GradientNorm | None:
        """Return the measure of an optimizer's gradients: a new one, or the one it already has.

        Args:
            optimizer: optimizer of a compiled model that has not trained yet, or is measured.

        Returns:
            The measure, or `None` for an optimizer that is not from `tf_transformer.optimizers`,
            and does not reveal its gradients.
        """
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)  # inside the loss scaling
        if not hasattr(optimizer, "observer"):
            return None
        if not isinstance(optimizer.observer, cls):
            optimizer.observer = cls()
        return optimizer.observer

    def observe(self, gradients: Sequence[tf.Tensor | tf.IndexedSlices | None]) -> None:
        """Measure the gradients of all weights in a step."""
        # As tensors, because slices of an embedding may hold a token's row more than once.
        dense = [tf.cast(tf.convert_to_tensor(g), tf.float32) for g in gradients if g is not None]
        squares = [tf.reduce_sum(tf.square(gradient)) for gradient in dense]  # as in clipping
        self._sum.assign_add(tf.sqrt(tf.reduce_sum(tf.stack(squares))))
        self._steps.assign_add(1.0)

    def mean(self) -> float:
        """Return the mean over the steps since the last call; 0 if there were none."""
        mean = float(self._sum) / max(float(self._steps), 1.0)
        self._sum.assign(0.0)
        self._steps.assign(0.0)
        return mean
