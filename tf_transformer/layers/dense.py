"""The dense layer for sequences."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="tf_transformer")
class Dense(keras.layers.Dense):
    """Keras's dense layer, which multiplies all positions of all rows as one matrix.

    Keras's own asks for the shapes at run time, in a dozen small operations for each product.

    Args:
        *args: as of `keras.layers.Dense`.

    Call arguments:
        x: `(batch, length, width)`.

    Returns:
        `(batch, length, units)`.
    """

    def call(self, x, training=None):
        return on_all_positions(lambda x: super(Dense, self).call(x, training=training), x)


def on_all_positions(function, x):
    """Call a function of a matrix on `x`, `(batch, length, width)`, with a row a position."""
    y = function(ops.reshape(x, (-1, x.shape[-1])))  # (batch * length, new width)
    return ops.reshape(y, (*batch_and(x, 1), y.shape[-1]))  # (batch, length, new width)


def batch_and(x, axis):
    """Return the sizes of the first axis and of another, for `ops.reshape`.

    Where the latter is known, that of the batch follows, and nothing is asked for at run time.
    """
    if x.shape[axis]:  # not 0, from which nothing follows
        return -1, x.shape[axis]
    sizes = ops.shape(x)  # once: each call asks for all of them
    return sizes[0], sizes[axis]
