"""Differences between Keras's backends."""

from __future__ import annotations

import keras


def sync_variables(model: keras.Model) -> None:
    """Give a model's variables their current values during training.

    They always have them, except on the JAX backend, where `fit` keeps the values to itself during
    an epoch.
    """
    if keras.backend.backend() == "jax":
        model.jax_state_sync()
