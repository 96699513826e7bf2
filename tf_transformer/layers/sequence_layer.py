"""What all layers of sequences share."""

from __future__ import annotations

from typing import Any

import keras

from tf_transformer.layers.checks import require_no_keras_mask
from tf_transformer.layers.quantization import dtype_config
from tf_transformer.layers.types import Shape, Tensor


class SequenceLayer(keras.layers.Layer):
    """A layer whose output has the shape of its first input, `(batch, length, d_model)`.

    A symbolic call is traced, so that it returns what a real call does, optional outputs and dtypes
    too. Keras would otherwise trust `compute_output_shape`, which knows of one output. `summary`
    is what asks for that one.

    Masks are arguments. A mask that Keras hung on an input is refused, unless the layer sets
    `supports_masking`: it then works at each position alone, and Keras hands the mask on.
    """

    compute_output_spec = keras.Operation.compute_output_spec

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not self.supports_masking:
            require_no_keras_mask(self, (*args, *kwargs.values()))
        return super().__call__(*args, **kwargs)

    def _takes_vectors(self, width: int) -> None:
        """Let Keras refuse a first input that is not `(batch, length, width)`."""
        self.input_spec = keras.layers.InputSpec(ndim=3, axes={-1: width})

    def compute_output_shape(self, *shapes: Shape, **named_shapes: Shape) -> Shape:
        """Return the shape of the first input."""
        return (*shapes, *named_shapes.values())[0]

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | dtype_config(self)


def outputs(x: Tensor, *optional: object) -> object:
    """Return what a call returns: `x`, or a tuple of `x` and those optional outputs that exist.

    Args:
        x: the output that is always there.
        *optional: the others, `None` for one that was not asked for.
    """
    others = [each for each in optional if each is not None]
    return (x, *others) if others else x
