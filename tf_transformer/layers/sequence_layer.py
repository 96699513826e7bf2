"""The base of all layers of sequences."""

from __future__ import annotations

from typing import Any

import keras

from tf_transformer.layers.checks import require_no_keras_mask
from tf_transformer.layers.quantization import dtype_config
from tf_transformer.layers.types import Shape, Tensor


class SequenceLayer(keras.layers.Layer):
    """A layer whose output has the shape of its first input, `(batch, length, d_model)`.

    Symbolic calls are traced, and thus return what real calls do, with optional outputs and dtypes.
    Without tracing, Keras would trust `compute_output_shape`, which knows only one output and is
    there for `summary`.

    Masks are arguments. A mask that Keras attached to an input is refused, unless the layer sets
    `supports_masking`: it then treats each position separately, and Keras passes the mask on.
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
    """Return the result of a call: `x`, or a tuple of `x` and the optional outputs that exist.

    Args:
        x: the output that is always there.
        *optional: the others, `None` where one was not asked for.
    """
    others = [each for each in optional if each is not None]
    return (x, *others) if others else x


def parts(result: object) -> list[object]:
    """Return what a call has returned as a list: `x`, then the optional outputs that exist."""
    return [*result] if isinstance(result, tuple) else [result]
