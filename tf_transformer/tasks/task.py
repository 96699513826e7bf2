"""The base of the three tasks: a model's weights, its graphs, and their export."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import keras
import tensorflow as tf

from tf_transformer.export.model_card import ModelCard
from tf_transformer.export.saved_model import export_saved_model
from tf_transformer.tasks.text_surface import TextSurface
from tf_transformer.tasks.untracked import Untracked

TEXT = tf.TensorSpec([None], tf.string, name="text")
SAMPLING = [
    tf.TensorSpec([], tf.int32, name="seed"),
    tf.TensorSpec([], tf.float32, name="temperature"),
    tf.TensorSpec([], tf.int32, name="top_k"),
    tf.TensorSpec([], tf.float32, name="top_p"),
]


def as_declared(specs: list[tf.TensorSpec], *values: float | tf.Tensor) -> list[tf.Tensor]:
    """Return values for the last inputs of a graph as tensors of the right types."""
    return [tf.cast(x, spec.dtype) for x, spec in zip(values, specs[-len(values) :], strict=True)]


class Task(TextSurface, tf.Module):
    """The base of `Translator`, `Completer` and `TextClassifier`: answers texts with a model.

    A call with Python strings returns Python strings: see `TextSurface`. Named methods take and
    return tensors, and SavedModels are made from them.

    A subclass has `inputs`, the signatures of these methods by name, and `served`.

    Args:
        model: a trained model, whose weights are tracked.
        name: name of the task.

    Example:
        ```python
        import tf_transformer as tft

        tokenizer = tft.text.Characters.train(["good", "bad"], vocab_size=50)
        model = tft.TransformerClassifier({"vocab_size": tokenizer.vocab_size})
        task = tft.TextClassifier(model, tokenizer, ["no", "yes"])
        isinstance(task, tft.tasks.Task)  # True
        task.graph("classify")  # a tf.function, traced once
        ```
    """

    inputs: ClassVar[dict[str, list[tf.TensorSpec]]]

    card: ModelCard | None = None
    """What people should know about the model, if there is more than the model itself knows."""

    def __init__(self, model: keras.Model, name: str) -> None:
        super().__init__(name=name)
        self.max_length = model.config.max_length
        self.weights = [variable.value for variable in model.weights]
        self._model = Untracked(model)
        self._graphs = Untracked({})

    def graph(self, name: str) -> Callable[..., dict[str, tf.Tensor]]:
        """Return a method as a graph that is traced once for any number of texts and any options.

        AutoGraph is off, because nothing here needs it. It reads source files while it traces, and
        would mix old and new code if they were edited in the meantime.

        Args:
            name: name of the method, such as `"translate"`.
        """
        graphs = self._graphs()
        if name not in graphs:
            method, signature = getattr(self, name), self.inputs[name]
            graphs[name] = tf.function(method, input_signature=signature, autograph=False)
        return graphs[name]

    def export(
        self,
        export_dir: str | os.PathLike,
        card: ModelCard | str | None = None,
        export_anyway: bool = False,
        **options: object,
    ) -> Path:
        """Export the task as the next version of a SavedModel: see `export_saved_model`.

        Args:
            export_dir: directory of the model, such as `saved_models/pt_en`; the export becomes its
                `1/`, or the next number.
            card: a `ModelCard`, written to the export as `README.md`. Defaults to what is known.
            export_anyway: whether to export a model that is not clearly better than its baselines.
                Defaults to `False`.
            **options: options of what the SavedModel serves: see `served`. Defaults to those that
                the model was scored with, according to its card.

        Returns:
            The path of the version.

        Raises:
            UserError: if the card says that the model is not clearly better than its baselines.
        """
        card = card or self.card or ModelCard.of(self._model())
        if isinstance(card, ModelCard):  # by default, it answers with the search it was scored with
            card.require_learned(export_anyway)
            options = {**(card.search or {}), **options}
        return export_saved_model(self, export_dir, card, **options)

    def warm_up_requests(self) -> list[tuple[str, list[str]]]:
        """Return requests, each `(signature, texts)`, that make XLA compile everything."""
        return []
