"""How tasks are called: with Python strings or with tensors of strings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import tensorflow as tf

from tf_transformer.errors import UserError
from tf_transformer.tasks.map_texts import map_texts

Texts = str | bytes | Iterable[str | bytes] | tf.Tensor
"""What a task takes: one text, any number of them, or a string tensor `(batch,)` or `()`."""

Function = Callable[[tf.Tensor], dict[str, tf.Tensor]]


class TextSurface:
    """Calls graph functions with texts of any kind: what live and loaded tasks have in common.

    A `str` is answered by a `str`, a list by a list, a tensor by a tensor. Bytes are texts too, and
    what in them is not UTF-8 is read as U+FFFD.
    """

    def graph(self, name: str) -> Callable[..., dict[str, tf.Tensor]]:
        """Return a method as a graph: by its name, such as `"translate"`."""
        return getattr(self, name)

    def _answer(
        self, text: Texts, function: Function, output: str, details: bool, at_once: bool = False
    ) -> object:
        """Answer what a task is called with.

        Args:
            text: what it is called with.
            function: from a string tensor `(batch,)` to a dictionary of tensors `(batch, ...)`.
            output: name of the tensor that answers without details.
            details: whether all tensors are returned, by their names.
            at_once: whether all texts are one batch: random draws depend on the number of a row.
                Defaults to `False`.
        """
        if isinstance(text, tf.Tensor | tf.Variable):
            found = _answer_tensor(function, text)
            return found if details else found[output]
        if isinstance(text, np.ndarray):
            text = text.tolist()
        is_one = isinstance(text, str | bytes)
        texts = [text] if is_one else _list_of_texts(text)
        columns = map_texts(function, texts, **({"batch_size": len(texts) or 1} if at_once else {}))
        rows = _rows(columns) if details else columns[output]
        return rows[0] if is_one else rows


def _answer_tensor(function: Function, text: tf.Tensor) -> dict[str, tf.Tensor]:
    rank = text.shape.rank
    if text.dtype != tf.string or rank not in (0, 1, None):
        raise UserError(
            f"a tensor of texts has the type string and the shape (batch,) or (), not "
            f"{text.dtype.name} and {text.shape}."
        )
    found = function(tf.reshape(text, [-1]))
    return {name: x[0] for name, x in found.items()} if rank == 0 else found


def _list_of_texts(texts: Iterable[str | bytes]) -> list[str | bytes]:
    if isinstance(texts, Mapping) or not isinstance(texts, Iterable):
        raise UserError(
            "a task takes a str, a list of them or a string tensor, not a value of type "
            f"{type(texts).__name__}."
        )
    texts = list(texts)
    for number, text in enumerate(texts):
        if not isinstance(text, str | bytes):
            raise UserError(f"each text must be a str, but text {number} is {text!r:.80}.")
    return texts


def _rows(columns: dict[str, list]) -> list[dict[str, object]]:
    """Return a dictionary for each text, of Python's own types."""
    return [
        {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in zip(columns, values, strict=True)
        }
        for values in zip(*columns.values(), strict=True)
    ]
