"""Any number of texts, in batches of similar length."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf


def map_texts(
    function: Callable[[tf.Tensor], dict[str, tf.Tensor]],
    texts: Sequence[str | bytes],
    batch_size: int = 64,
    progress: bool = False,
) -> dict[str, list]:
    """Apply a graph function to Python strings, in batches of similar length.

    Texts that fit into one batch keep their order. Invalid Unicode, such as half of a surrogate
    pair, reaches the function as bytes that are not UTF-8, which tokenizers read as U+FFFD.

    Args:
        function: from a string tensor `(batch,)` to a dictionary of tensors `(batch, ...)`: a
            method of a task, or a signature of a SavedModel.
        texts: any number of them.
        batch_size: texts of a batch. Defaults to 64.
        progress: whether to show Keras's progress bar. Defaults to `False`.

    Returns:
        A dictionary of lists in the order of the texts, with strings as `str`, numbers as Python
        numbers, and rows of a tensor with more axes as NumPy arrays.

    Example:
        ```python
        import tensorflow as tf
        import tf_transformer as tft

        found = tft.tasks.map_texts(lambda text: {"upper": tf.strings.upper(text)}, ["a", "b"])
        assert found == {"upper": ["A", "B"]}
        ```
    """
    order = np.arange(len(texts))
    if len(texts) > batch_size:
        order = np.argsort([-len(text) for text in texts], kind="stable")
    bar = keras.utils.Progbar(len(texts), unit_name="sentence") if progress else None
    answers: dict[str, list] = {}
    for start in range(0, max(len(order), 1), batch_size):  # without texts, one empty batch
        rows = order[start : start + batch_size]
        outputs = function(tf.constant([_encoded(texts[row]) for row in rows], tf.string))
        for name, values in outputs.items():
            column = answers.setdefault(name, [None] * len(texts))
            for row, value in zip(rows, _to_python(values), strict=True):
                column[row] = value
        if bar:
            bar.add(len(rows))
    return answers


def _encoded(text: str | bytes) -> bytes:
    return text.encode(errors="surrogatepass") if isinstance(text, str) else text


def _to_python(values: tf.Tensor) -> list:
    values = values.numpy()
    if values.dtype == object:
        values = np.vectorize(lambda text: text.decode(errors="replace"), otypes=[object])(values)
    return list(values) if values.ndim > 1 else values.tolist()
