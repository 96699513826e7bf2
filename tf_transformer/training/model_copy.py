"""Copies of models in memory, which stay as they are when training goes on."""

from __future__ import annotations

import keras
from keras import ops

from tf_transformer.backend import undistributed


def model_copy(model: keras.Model, into: keras.Model | None = None) -> keras.Model:
    """Return a copy of a model with all its values, those of its optimizer included.

    Where several processes train the model, the copy belongs to this process alone.

    Args:
        model: a compiled model that is built, and so is its optimizer.
        into: an earlier copy, which gets the values. Defaults to a new one, which takes seconds.

    Example:
        ```python
        import keras

        from tf_transformer.training.model_copy import model_copy

        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        model.compile("adam", "mse")
        model.optimizer.build(model.trainable_variables)
        before = model_copy(model)
        before = model_copy(model, into=before)  # after some steps of training
        ```
    """
    if into is None:
        with undistributed():
            into = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(model))
    # All processes would have to take part in a copy from device to device.
    is_alone = keras.distribution.distribution() is None
    for variable, ours in zip(_variables(model), _variables(into), strict=True):
        ours.assign(ops.copy(variable) if is_alone else ops.convert_to_numpy(variable))
    return into


def _variables(model: keras.Model) -> list[keras.Variable]:
    return [*model.variables, *model.optimizer.variables]
