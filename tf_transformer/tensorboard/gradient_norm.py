"""How large gradients are."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf


class GradientNorm:
    """Measures the norm of the gradient of all weights together, as it comes: before clipping.

        norm = sqrt(sum(g ** 2 for all elements g of all gradients))

    It is summed up inside the step that `fit` compiles, and read from time to time: see `of`.
    """

    def __init__(self) -> None:
        self._sum, self._steps = (keras.Variable(0.0, trainable=False) for _ in range(2))

    @classmethod
    def of(cls, optimizer: keras.optimizers.Optimizer) -> GradientNorm | None:
        """Return what measures the gradients of an optimizer, from now on or since it first did.

        Args:
            optimizer: of a compiled model that has not trained yet, or has been measured.

        Returns:
            `None` for an optimizer that shows its gradients to nobody: one that is not of
            `tf_transformer.optimizers`.
        """
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)  # behind the scaled loss
        if not hasattr(optimizer, "observer"):
            return None
        if not isinstance(optimizer.observer, cls):
            optimizer.observer = cls()
        return optimizer.observer

    def observe(self, gradients: Sequence[tf.Tensor | tf.IndexedSlices | None]) -> None:
        """Take notice of the gradients of all weights, in a step."""
        # As tensors, since slices of an embedding may hold a token's row more than once.
        dense = [tf.cast(tf.convert_to_tensor(g), tf.float32) for g in gradients if g is not None]
        squares = [tf.reduce_sum(tf.square(gradient)) for gradient in dense]  # as clipping has, too
        self._sum.assign_add(tf.sqrt(tf.reduce_sum(tf.stack(squares))))
        self._steps.assign_add(1.0)

    def mean(self) -> float:
        """Return the mean over the steps since it was last asked for; 0 if there were none."""
        mean = float(self._sum) / max(float(self._steps), 1.0)
        self._sum.assign(0.0)
        self._steps.assign(0.0)
        return mean
