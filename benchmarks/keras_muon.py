"""Keras's Muon in the place of this package's, to compare with."""

from __future__ import annotations

import keras


def use_keras_muon(model: keras.Model) -> None:
    """Give a model that was compiled with this package's `Muon` Keras's own, with its options."""
    options = model.optimizer.get_config()
    del options["products"]
    model.optimizer = keras.optimizers.Muon.from_config(options)  # loss and metrics stay
