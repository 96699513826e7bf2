"""The best model, in memory until there is time to write it."""

from __future__ import annotations

import keras

from tf_transformer.training.model_copy import model_copy


class HeldModel:
    """A copy of a model, to be written later under a name.

    Attributes:
        name: name of its file; `None` while nothing is held.
        model: the copy, or `None` in a process that writes nothing.
    """

    def __init__(self) -> None:
        self.name: str | None = None
        self.model: keras.Model | None = None

    def hold(self, name: str, model: keras.Model | None) -> None:
        """Hold a copy of a model, in place of what is held.

        Args:
            name: name of its file.
            model: the model; `None` to hold only the name.
        """
        self.name = name
        if model is not None:
            self.model = model_copy(model, into=self.model)

    def let_go(self) -> None:
        """Hold nothing any more. The copy stays, so that the next one need not be made anew."""
        self.name = None
