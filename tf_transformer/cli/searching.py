"""The beam search of a SavedModel into a given language."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from tf_transformer.errors import UserError, suggest

Search = Callable[[tf.Tensor], dict[str, tf.Tensor]]


def languages_of(model: tf.Module) -> list[str]:
    """Return the languages that a model translates into, the usual one first, if it has several."""
    found = model.languages().numpy() if hasattr(model, "languages") else []
    return [name.decode() for name in found]


def is_other_language(model: tf.Module, to: str | None) -> bool:
    """Return whether a language is not the one that a model usually translates into.

    Raises:
        UserError: if the model does not translate into it.
    """
    known = languages_of(model)
    if to is not None and to not in known:
        way_on = suggest(to, known) if known else "it knows only one direction; leave --to out."
        raise UserError(f"--to={to}: the model does not translate into that; {way_on}")
    return to not in (None, *known[:1])


def searching(model: tf.Module, beam_size: int, alpha: float, to: str | None = None) -> Search:
    """Return a model's search with a beam and a length penalty.

    Args:
        model: a model, as TensorFlow loaded it.
        beam_size: hypotheses that are kept.
        alpha: length penalty.
        to: language to translate into. Defaults to the usual one.

    Raises:
        UserError: if the model does not translate into that language.
    """
    if is_other_language(model, to):
        return lambda text: model.search_to(text, tf.fill(tf.shape(text), to), beam_size, alpha)
    return lambda text: model.search(text, beam_size, alpha)
