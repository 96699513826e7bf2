"""The contents of a translator's SavedModel."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import tensorflow as tf

from tf_transformer.tasks.controlled import ASKED
from tf_transformer.tasks.task import TEXT
from tf_transformer.tasks.translating import best_of

if TYPE_CHECKING:
    from tf_transformer.tasks.translator import Translator


def served_translator(
    translator: Translator, beam_size: int, alpha: float, control: bool
) -> tuple[tf.Module, dict[str, Callable]]:
    """Return the contents of a translator's SavedModel, and its signatures: see its `served`."""
    names = ["translate_beam", "attend", "embed"]
    served = tf.Module()
    served.translator = translator  # tracked, so that weights and vocabularies are saved
    _serve_searches(served, translator, beam_size, alpha)
    if translator.confidence:
        _serve_facts(served, translator)
    if len(translator.languages) > 1:
        _serve_languages(served, translator, beam_size, alpha)
        names.append("translate_to")
    if control:
        _serve_control(served, translator, beam_size, alpha)
        names.append("translate_controlled")
    signatures = {name: getattr(served, name) for name in names}
    return served, {"serving_default": served.translate, **signatures}


def _serve_searches(
    served: tf.Module, translator: Translator, beam_size: int, alpha: float
) -> None:
    search = translator.graph("translate_beam")

    def translate_beam(text: tf.Tensor) -> dict[str, tf.Tensor]:
        found = search(text, beam_size, tf.constant(alpha, tf.float32))
        return {name: x for name, x in found.items() if name != "truncated"}

    served.search = search
    for name in ("translate", "sample", "attend", "embed"):
        setattr(served, name, translator.graph(name))
    served.translate_beam = tf.function(translate_beam, input_signature=[TEXT], autograph=False)


def _serve_facts(served: tf.Module, translator: Translator) -> None:
    threshold = tf.constant(translator.confidence.threshold, tf.float32)
    longest = tf.constant(translator.confidence.usual_longest, tf.int32)
    served.usual_longest = tf.function(lambda: longest, input_signature=[], autograph=False)
    served.good_chrf = tf.function(lambda: threshold, input_signature=[], autograph=False)
    served.is_too_long = translator.graph("is_too_long")


def _serve_languages(
    served: tf.Module, translator: Translator, beam_size: int, alpha: float
) -> None:
    search, languages = translator.graph("translate_to"), tf.constant(translator.languages)

    def translate_to(text: tf.Tensor, to: tf.Tensor) -> dict[str, tf.Tensor]:
        return best_of(search(text, to, beam_size, tf.constant(alpha, tf.float32)))

    served.search_to = search
    signature = translator.inputs["translate_to"][:2]
    served.translate_to = tf.function(translate_to, input_signature=signature, autograph=False)
    served.languages = tf.function(lambda: languages, input_signature=[], autograph=False)


def _serve_control(served: tf.Module, translator: Translator, beam_size: int, alpha: float) -> None:
    search = translator.graph("translate_controlled")

    def translate_controlled(
        text: tf.Tensor,
        prefix: tf.Tensor,
        must: tf.Tensor,
        must_not: tf.Tensor,
        terms: tf.Tensor,
        copy: tf.Tensor,
        min_length: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        asked = (text, prefix, must, must_not, terms, copy, min_length)
        found = search(*asked, beam_size, tf.constant(alpha, tf.float32), 1, tf.constant(0.0))
        each = ("tokens", "log_probabilities", "alignment")
        return best_of(found) | {name: found[name] for name in each}

    served.search_controlled = search
    served.translate_controlled = tf.function(
        translate_controlled, input_signature=ASKED, autograph=False
    )
