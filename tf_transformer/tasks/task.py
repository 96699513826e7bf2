"""What the three tasks are made of: a model's weights, its graphs, and their export."""

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
    """Return the last inputs of a graph as tensors of the types that it takes."""
    return [tf.cast(x, spec.dtype) for x, spec in zip(values, specs[-len(values) :], strict=True)]


class Task(TextSurface, tf.Module):
    """Answers texts with a trained model: the base of `Translator`, `Completer`, `TextClassifier`.

    Called with Python strings, it answers with such: see `TextSurface`. Its methods with names of
    their own take and return tensors, and SavedModels are made of them.

    A subclass has `inputs`, the signature of each of these methods by name, and `served`.

    Args:
        model: a model, whose weights are tracked.
        name: of the task.

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
    """What a person should know of the model, if more is known than the model itself tells."""

    def __init__(self, model: keras.Model, name: str) -> None:
        super().__init__(name=name)
        self.max_length = model.config.max_length
        self.weights = [variable.value for variable in model.weights]
        self._model = Untracked(model)
        self._graphs = Untracked({})

    def graph(self, name: str) -> Callable[..., dict[str, tf.Tensor]]:
        """Return a method as a graph: traced once, whatever the number of texts and the options.

        Without AutoGraph, which nothing here needs: it reads source files again when it traces, and
        so would mix old code with new if they were edited since the start.

        Args:
            name: of the method, such as `"translate"`.
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
            export_dir: of the model, such as `saved_models/pt_en`: this becomes its `1/` or next.
            card: a `ModelCard`, written beside the model as `README.md`. Defaults to what is known.
            export_anyway: whether to export a model that is not clearly better than its baselines.
                Defaults to `False`.
            **options: of what the SavedModel serves: see `served`. Defaults to those that the card
                says the model was scored with.

        Returns:
            The path of the version.

        Raises:
            UserError: if the card says that the model is not clearly better than its baselines.
        """
        card = card or self.card or ModelCard.of(self._model())
        if isinstance(card, ModelCard):  # by default it answers as it was scored
            card.require_learned(export_anyway)
            options = {**(card.search or {}), **options}
        return export_saved_model(self, export_dir, card, **options)

    def warm_up_requests(self) -> list[tuple[str, list[str]]]:
        """Return requests, each `(signature, texts)`, that make XLA compile all there is to."""
        return []
