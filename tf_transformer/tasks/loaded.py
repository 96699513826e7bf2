"""Exported models, called like the tasks that they were made from."""

from __future__ import annotations

import os
from typing import Any, NoReturn

import tensorflow as tf

from tf_transformer.errors import UserError
from tf_transformer.export.saved_model import kind_of, load_saved_model
from tf_transformer.tasks.classifying import Classifying
from tf_transformer.tasks.completer import Completer
from tf_transformer.tasks.completing import Completing
from tf_transformer.tasks.task import SAMPLING, as_declared
from tf_transformer.tasks.text_surface import TextSurface
from tf_transformer.tasks.translating import Translating
from tf_transformer.tasks.translator import Translator


def load_task(
    model_dir: str | os.PathLike, warm_up: bool = False, kind: str | None = None
) -> TextSurface:
    """Load an exported model as a task.

    It is called like the exported task, a `Translator`, `Completer` or `TextClassifier`, and has
    the methods of that task from tensors to tensors. Its `saved_model` is what TensorFlow loaded.

    Args:
        model_dir: directory of the model (the newest version is loaded) or of a version.
        warm_up: whether to play the requests of its warm-up file: see `load_saved_model`. Defaults
            to `False`.
        kind: the kind that is expected: `"translator"`, `"completer"` or `"classifier"`. Defaults
            to any of them.

    Returns:
        A `LoadedTranslator`, `LoadedCompleter` or `LoadedClassifier`.

    Raises:
        UserError: if there is no such model.

    Example:
        ```python
        import tf_transformer as tft

        tokenizer = tft.text.Characters.train(["to be, or not to be"], vocab_size=50)
        model = tft.CausalLM(tft.CausalLMConfig(vocab_size=tokenizer.vocab_size, num_layers=1))
        complete = tft.Completer(model, tokenizer)
        complete.export("saved_models/letters")
        loaded = tft.tasks.load_task("saved_models/letters")
        assert loaded("to be", max_tokens=9) == complete("to be", max_tokens=9)
        ```
    """
    saved_model = load_saved_model(model_dir, warm_up, kind)
    return _CLASSES[kind_of(saved_model)](saved_model)


class _Loaded(TextSurface):
    """A task whose graphs are those of a SavedModel.

    Args:
        saved_model: the SavedModel, as TensorFlow loaded it.
    """

    def __init__(self, saved_model: Any) -> None:
        self.saved_model = saved_model

    def export(self, *args: object, **kwargs: object) -> NoReturn:
        """Raise an error: only the task of a run can be exported."""
        raise UserError(
            "this model is an export, and cannot be exported again: copy its directory, or export "
            "the run that it comes from, tft.load(run_dir).export(…)."
        )


class LoadedTranslator(Translating, _Loaded):
    """A `Translator` that was exported and loaded."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that it translates into, the usual one first; none if it has only one."""
        languages = getattr(self.saved_model, "languages", None)
        return tuple(name.decode() for name in languages().numpy()) if languages else ()

    def translate(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """See `Translator.translate`."""
        return self.saved_model.translate(text)

    def translate_beam(
        self, text: tf.Tensor, beam_size: int | tf.Tensor = 4, alpha: float | tf.Tensor = 0.6
    ) -> dict[str, tf.Tensor]:
        """See `Translator.translate_beam`."""
        options = as_declared(Translator.inputs["translate_beam"], beam_size, alpha)
        return self.saved_model.search(text, *options)

    def translate_to(
        self,
        text: tf.Tensor,
        to: tf.Tensor,
        beam_size: int | tf.Tensor = 4,
        alpha: float | tf.Tensor = 0.6,
    ) -> dict[str, tf.Tensor]:
        """See `Translator.translate_to`."""
        options = as_declared(Translator.inputs["translate_to"], beam_size, alpha)
        return self.saved_model.search_to(text, to, *options)

    def translate_controlled(
        self, *asked: tf.Tensor, **options: float | tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """See `Translator.translate_controlled`.

        Raises:
            UserError: if the model was exported by a version without it.
        """
        if not hasattr(self.saved_model, "search_controlled"):
            raise UserError(
                "this model was exported without control; export its run again with --control."
            )
        return self.saved_model.search_controlled(*asked, **options)

    def sample_controlled(self, *asked: tf.Tensor) -> dict[str, tf.Tensor]:
        """Raise `UserError`: exported models draw without control."""
        raise UserError(
            "an exported model draws at random without control; load its run, or draw nothing."
        )

    def sample(
        self,
        text: tf.Tensor,
        seed: int | tf.Tensor = 0,
        temperature: float | tf.Tensor = 1.0,
        top_k: int | tf.Tensor = 0,
        top_p: float | tf.Tensor = 1.0,
    ) -> dict[str, tf.Tensor]:
        """See `Translator.sample`."""
        options = as_declared(SAMPLING, seed, temperature, top_k, top_p)
        return self.saved_model.sample(text, *options)

    def attend(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """See `Translator.attend`."""
        return self.saved_model.attend(text)

    def embed(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """See `Translator.embed`."""
        return self.saved_model.embed(text)


class LoadedCompleter(Completing, _Loaded):
    """A `Completer` that was exported and loaded."""

    def complete(
        self,
        prompt: tf.Tensor,
        max_tokens: int | tf.Tensor = 200,
        seed: int | tf.Tensor = 0,
        temperature: float | tf.Tensor = 1.0,
        top_k: int | tf.Tensor = 0,
        top_p: float | tf.Tensor = 1.0,
    ) -> dict[str, tf.Tensor]:
        """See `Completer.complete`."""
        options = (max_tokens, seed, temperature, top_k, top_p)
        return self.saved_model.complete(
            prompt, *as_declared(Completer.inputs["complete"], *options)
        )


class LoadedClassifier(Classifying, _Loaded):
    """A `TextClassifier` that was exported and loaded."""

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes; empty if an older export does not have them."""
        classes = getattr(self.saved_model, "classes", None)
        return tuple(name.decode() for name in classes().numpy()) if classes else ()

    def classify(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """See `TextClassifier.classify`."""
        return self.saved_model.classify(text)


_CLASSES = {
    "translator": LoadedTranslator,
    "completer": LoadedCompleter,
    "classifier": LoadedClassifier,
}
