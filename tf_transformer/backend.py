"""Differences between Keras's backends."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import keras


def sync_variables(model: keras.Model) -> None:
    """Give a model's variables their current values during training.

    They always have them, except on the JAX backend, where `fit` keeps the values to itself during
    an epoch.
    """
    if keras.backend.backend() == "jax":
        model.jax_state_sync()


def process_index() -> int:
    """Return the number of this process: 0 unless several train together."""
    if keras.backend.backend() != "jax":
        return 0
    import jax

    return jax.process_index()


@contextlib.contextmanager
def undistributed() -> Iterator[None]:
    """Make new variables for this process alone while in this block.

    To save a model, Keras makes a few. If process 0 made them for all, it would wait for the rest.
    """
    distribution = keras.distribution.distribution()
    keras.distribution.set_distribution(None)
    try:
        yield
    finally:
        keras.distribution.set_distribution(distribution)
