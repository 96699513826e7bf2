"""Checks of layers' arguments and inputs: one clear line in place of a backend's error."""

from __future__ import annotations

import keras
import numpy as np

from tf_transformer.config.field_types import Size, checked
from tf_transformer.errors import UserError, require
from tf_transformer.layers.types import Shape, Tensor


def require_sizes(**sizes: object) -> None:
    """Raise `UserError` unless all arguments are ints of at least 1."""
    for name, value in sizes.items():
        checked(name, value, Size)


def require_pairs(name: str, width: int) -> None:
    """Raise `UserError` unless a width is even: waves and rotations come in pairs."""
    require(width % 2 == 0, f"{name}={width}: sines and cosines come in pairs: make it even.")


def require_no_keras_mask(layer: keras.layers.Layer, inputs: tuple[object, ...]) -> None:
    """Raise `UserError` if Keras attached a mask to an input: this layer would not see it."""
    require(
        all(getattr(x, "_keras_mask", None) is None for x in inputs),
        f"{layer.name} takes masks as arguments, not from Keras: make the Embedding without "
        "mask_zero, and pass attention_mask=padding_mask(token_ids) (or this layer's name for it).",
    )


def require_vectors(name: str, x: Tensor, width: int) -> None:
    """Raise `UserError` unless a tensor holds vectors, `(batch, length, width)`."""
    require(
        len(x.shape) == 3 and x.shape[-1] in (None, width),
        f"{name} has the shape {tuple(x.shape)}, not (batch, length, {width}).",
    )


def require_token_ids(name: str, ids: Tensor, vocab_size: int | None = None) -> None:
    """Raise `UserError` unless a tensor holds token ids, `(batch, length)`.

    Args:
        name: of the argument.
        ids: the tensor.
        vocab_size: number of token ids. Defaults to any.
    """
    require(
        hasattr(ids, "shape") and hasattr(ids, "dtype"),
        f"{name} takes an array of ints, (batch, length), such as np.array([[5, 17, 42]]), "
        f"not a value of type {type(ids).__name__}.",
    )
    dtype = getattr(ids.dtype, "name", str(ids.dtype))
    require("int" in dtype, f"{name} has the dtype {dtype}: token ids are ints, such as int32.")
    require(
        len(ids.shape) == 2,
        f"{name} has the shape {tuple(ids.shape)}: token ids are (batch, length).",
    )
    if vocab_size is not None:
        _require_below(vocab_size, name, ids)


def _require_below(vocab_size: int, name: str, ids: Tensor) -> None:
    try:
        values = np.asarray(ids)
    except (TypeError, ValueError, NotImplementedError, RuntimeError):
        return  # symbolic, or on an accelerator: the values are not known yet
    for unknown in values[(values < 0) | (values >= vocab_size)][:1]:
        raise UserError(f"{name} has the id {unknown}, but ids go from 0 to {vocab_size - 1}.")


def require_attention_mask(mask: Tensor, shape: Shape) -> None:
    """Raise `UserError` unless a mask holds bools that broadcast to the shape of the scores."""
    dtype = keras.backend.standardize_dtype(mask.dtype)
    require(
        "float" not in dtype,
        f"attention_mask has the dtype {dtype}: it needs bools, True where a query may attend.",
    )
    pairs = zip(reversed(mask.shape), reversed(shape), strict=False)
    require(
        all(size is None or most is None or size in (1, most) for size, most in pairs),
        f"attention_mask of the shape {tuple(mask.shape)} does not broadcast to "
        f"{tuple(shape)}, (batch, num_heads, queries, memory): see padding_mask.",
    )
