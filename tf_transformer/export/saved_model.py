"""SavedModels from text to text, which need only TensorFlow and tensorflow-text."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import tensorflow as tf

from tf_transformer.errors import UserError
from tf_transformer.export.model_card import ModelCard
from tf_transformer.export.versions import load_version, write_version
from tf_transformer.export.warm_up import read_warm_up


class Servable(Protocol):
    """A task that can become a SavedModel."""

    def served(self, **options: object) -> tuple[tf.Module, dict[str, Callable]]:
        """Return the contents of the SavedModel, and its signatures by name."""

    def warm_up_requests(self) -> list[tuple[str, list[str]]]:
        """Return requests, each `(signature, texts)`, that make XLA compile everything."""


class _Kind(NamedTuple):
    title: str
    signature: str  # a signature of such a model
    function: str  # a function that it has in Python


_KINDS = {
    "translator": _Kind("translation model", "translate_beam", "search"),
    "completer": _Kind("language model", "complete", "complete"),
    "classifier": _Kind("classifier", "serving_default", "classify"),
}


def export_saved_model(
    task: Servable, export_dir: str | os.PathLike, card: ModelCard | str, **options: object
) -> Path:
    """Export a task as the next version of a SavedModel, in TF Serving's layout.

    Existing versions stay unchanged. Each task describes in `served` its signatures, and the
    functions of a model that is loaded in Python.

    If XLA compiles the searches, there is also a warm-up file: TensorFlow Serving plays its
    requests, one for each shape, before it serves the model.

    Args:
        task: a `Translator`, a `Completer` or a `TextClassifier`.
        export_dir: directory of the model, such as `saved_models/pt_en`; the export becomes its
            `1/`, or the next number.
        card: what people should know, written to the export as `README.md`.
        **options: arguments of the task's `served`, such as `beam_size=4` of a translator.

    Returns:
        The path of the version.

    Raises:
        UserError: if there is a file at `export_dir`.

    Example:
        ```python
        import tf_transformer as tft

        tokenizer = tft.text.Characters.train(["to be, or not to be"], vocab_size=50)
        model = tft.CausalLM(tft.CausalLMConfig(vocab_size=tokenizer.vocab_size, num_layers=1))
        completer = tft.Completer(model, tokenizer)
        tft.export_saved_model(completer, "saved_models/letters", "Knows no words.", max_tokens=9)
        saved_model = tft.load_saved_model("saved_models/letters")
        saved_model.signatures["complete"].structured_outputs  # completion, score and ended
        ```
    """
    served, signatures = task.served(**options)
    return write_version(served, signatures, export_dir, card, task.warm_up_requests())


def load_saved_model(
    model_dir: str | os.PathLike, warm_up: bool = False, kind: str | None = None
) -> Any:
    """Load a SavedModel that `export_saved_model` wrote.

    Args:
        model_dir: directory of the model (the newest version is loaded) or of a version.
        warm_up: whether to play the requests of its warm-up file, if it has one. Otherwise, the
            first request of each shape waits for seconds while XLA compiles. Defaults to `False`.
        kind: the kind that is expected: `"translator"`, `"completer"` or `"classifier"`. Defaults
            to any of them.

    Returns:
        The loaded object: see its `signatures` and `kind_of`.

    Raises:
        UserError: if there is no such model.
    """
    model, path = load_version(model_dir)
    found = kind_of(model)
    if found is None or kind not in (None, found):
        titles = [_KINDS[kind].title] if kind else [each.title for each in _KINDS.values()]
        expected = " or ".join(filter(None, (", ".join(titles[:-1]), titles[-1])))
        raise UserError(f"model_dir={path} is a SavedModel, but no {expected} of this package.")
    if warm_up:
        for signature, texts in read_warm_up(path):
            model.signatures[signature](tf.constant(texts))
    return model


def kind_of(model: Any) -> str | None:
    """Return the kind of a loaded SavedModel.

    Args:
        model: the SavedModel, as TensorFlow loaded it.

    Returns:
        `"translator"`, `"completer"` or `"classifier"`; `None` for a model from elsewhere.
    """
    for kind, (_, signature, function) in _KINDS.items():
        if signature in model.signatures and hasattr(model, function):
            return kind
    return None
