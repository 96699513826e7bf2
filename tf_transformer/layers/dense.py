"""The dense layer for sequences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from tf_transformer.layers.types import Tensor


@keras.saving.register_keras_serializable(package="tf_transformer")
class Dense(keras.layers.Dense):
    """Keras's dense layer, multiplying all positions of all rows as one matrix.

        y = activation(x W + b)

    Keras's own layer looks up shapes at run time, a dozen small operations for each product. The
    arguments are those of `keras.layers.Dense`.

    Call arguments:
        inputs: `(batch, length, width)`.

    Returns:
        `(batch, length, units)`.

    Example:
        ```python
        import keras

        from tf_transformer.layers import Dense

        y = Dense(32)(keras.random.normal((2, 10, 16)))  # (2, 10, 32)
        ```
    """

    def call(self, inputs: Tensor) -> Tensor:
        return on_all_positions(super().call, inputs)

    def quantize(
        self, mode: str | None = None, type_check: bool = True, config: Any = None
    ) -> None:
        """Quantize the weights as Keras's own layer does, which would refuse a subclass."""
        super().quantize(mode, type_check=False, config=config)


def on_all_positions(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Call a function of a matrix on `x`, `(batch, length, width)`, one row for each position."""
    y = function(ops.reshape(x, (-1, x.shape[-1])))  # (batch * length, new width)
    return ops.reshape(y, (*batch_and(x, 1), y.shape[-1]))  # (batch, length, new width)


def batch_and(x: Tensor, axis: int) -> tuple[Tensor | int, Tensor | int]:
    """Return the sizes of the first axis and of another, for `ops.reshape`.

    If the size of the other axis is known, the batch size can be inferred, and nothing is looked up
    at run time.
    """
    if x.shape[axis]:  # not 0, from which nothing can be inferred
        return -1, x.shape[axis]
    sizes = ops.shape(x)  # once: each call asks for all of them
    return sizes[0], sizes[axis]
