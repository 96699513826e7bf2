"""The interface of tasks, which take Python strings or string tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import tensorflow as tf

from tf_transformer.errors import UserError
from tf_transformer.tasks.map_texts import map_texts

Texts = str | bytes | Iterable[str | bytes] | tf.Tensor
"""The input of a task: one text, any number of texts, or a string tensor `(batch,)` or `()`."""

Function = Callable[[tf.Tensor], dict[str, tf.Tensor]]


class TextSurface:
    """The base of live and loaded tasks: calls graph functions with texts of any kind.

    A `str` gets a `str` as its answer, a list gets a list, and a tensor gets a tensor. Bytes are
    texts too; what is not UTF-8 in them is read as U+FFFD.
    """

    def graph(self, name: str) -> Callable[..., dict[str, tf.Tensor]]:
        """Return the method of that name, such as `"translate"`, as a graph."""
        return getattr(self, name)

    def _answer(
        self, text: Texts, function: Function, output: str, details: bool, at_once: bool = False
    ) -> object:
        """Answer the input of a task.

        Args:
            text: the input.
            function: from a string tensor `(batch,)` to a dictionary of tensors `(batch, ...)`.
            output: name of the tensor to return without details.
            details: whether to return all tensors by name.
            at_once: whether all texts form one batch, as random draws need, which depend on row
                numbers. Defaults to `False`.
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
    """Return a dictionary of plain Python values for each text."""
    return [
        {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in zip(columns, values, strict=True)
        }
        for values in zip(*columns.values(), strict=True)
    ]
