"""How large gradients are."""

import keras
import tensorflow as tf


class GradientNorm:
    """Watches the norm of the gradient of all weights together, as it comes: before clipping.

    It is summed up inside the step that `fit` compiles, and read from time to time. See `of`.
    """

    def __init__(self, apply):
        self._apply = apply
        self._sum, self._steps = (keras.Variable(0.0, trainable=False) for _ in range(2))

    @classmethod
    def of(cls, optimizer):
        """Return what watches an optimizer: from now on, or as it has done.

        Args:
            optimizer: of a compiled model that has not trained yet, or has been watched.
        """
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)  # behind the scaled loss
        watching = getattr(optimizer.apply, "__self__", None)
        if not isinstance(watching, cls):
            watching = cls(optimizer.apply)
            optimizer.apply = watching._watch
        return watching

    def _watch(self, grads, trainable_variables=None):
        # As tensors, since slices of an embedding may hold a token's row more than once.
        dense = [tf.cast(tf.convert_to_tensor(grad), tf.float32) for grad in grads]
        squares = [tf.reduce_sum(tf.square(grad)) for grad in dense]  # as clipping has, too
        self._sum.assign_add(tf.sqrt(tf.reduce_sum(tf.stack(squares))))
        self._steps.assign_add(1.0)
        self._apply(grads, trainable_variables)

    def mean(self):
        """Return the mean over the steps since it was last asked for; 0 if there were none."""
        mean = float(self._sum) / max(float(self._steps), 1.0)
        self._sum.assign(0.0)
        self._steps.assign(0.0)
        return mean
