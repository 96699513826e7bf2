"""Weights in half the space: bfloat16, in a file that NumPy reads without pickle."""

from __future__ import annotations

import os
import zipfile
import zlib

import keras
import numpy as np

from tf_transformer.errors import UserError
from tf_transformer.files import replacing

_UNREADABLE = (OSError, EOFError, ValueError, LookupError, zlib.error)


def save_packed(model: keras.Model, path: str | os.PathLike) -> None:
    """Write a model's weights, each rounded to bfloat16.

    Args:
        model: a model with float32 weights.
        path: path of an `.npz` file. Each array has the name of a weight, and holds the upper
            halves of its numbers as uint16.

    Example:
        ```python
        import tf_transformer as tft
        from tf_transformer.training.packed_weights import load_packed, save_packed

        model = tft.TransformerClassifier.from_preset("tiny", vocab_size=300)
        save_packed(model, "weights.npz")
        load_packed(model, "weights.npz")  # every weight is as it was to three digits
        ```
    """
    arrays = {_name(weight): _upper_half(np.asarray(weight)) for weight in model.weights}
    with replacing(path) as temporary:
        np.savez_compressed(temporary, **arrays)


def load_packed(model: keras.Model, path: str | os.PathLike) -> None:
    """Load weights that `save_packed` wrote into a model.

    Raises:
        UserError: if the file is missing, damaged, or from another model.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            packed = {name: arrays[name] for name in arrays.files}
    except (*_UNREADABLE, zipfile.BadZipFile) as error:
        raise UserError(f"{path} cannot be read: {error}") from error
    weights = {_name(weight): weight for weight in model.weights}
    shapes = {name: tuple(weight.shape) for name, weight in weights.items()}
    if shapes != {name: array.shape for name, array in packed.items()}:
        raise UserError(f"{path} has the weights of another model.")
    for name, weight in weights.items():
        weight.assign((packed[name].astype(np.uint32) << 16).view(np.float32))


def _name(weight: keras.Variable) -> str:
    """Return a weight's name within its model, the same in all models of one shape."""
    return weight.path.partition("/")[2]


def _upper_half(array: np.ndarray) -> np.ndarray:
    """Round float32 to bfloat16, halves to even, and return it as uint16."""
    bits = array.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)
