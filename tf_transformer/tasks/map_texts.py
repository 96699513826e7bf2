"""Any number of sentences, in batches of like length."""

import keras
import numpy as np
import tensorflow as tf


def map_texts(translate, sentences, batch_size=64, progress=False):
    """Translate sentences in batches of like length.

    Args:
        translate: from a string tensor `(batch,)` to a dictionary of tensors with a row for each:
            a method of `Translator`, or a signature of a SavedModel.
        sentences: a sequence of strings.
        batch_size: rows of a batch. Defaults to 64.
        progress: whether to show Keras's progress bar. Defaults to `False`.

    Returns:
        A dictionary of lists in the order of the sentences, texts as `str`. Rows of a tensor with
        more axes are NumPy arrays.
    """
    order = np.argsort([-len(sentence) for sentence in sentences], kind="stable")
    bar = keras.utils.Progbar(len(sentences), unit_name="sentence") if progress else None
    answers = {}
    for start in range(0, max(len(order), 1), batch_size):  # no sentences: a batch of none
        rows = order[start : start + batch_size]
        outputs = translate(tf.constant([sentences[row] for row in rows], tf.string))
        for name, values in outputs.items():
            column = answers.setdefault(name, [None] * len(sentences))
            for row, value in zip(rows, _to_python(values), strict=True):
                column[row] = value
        if bar:
            bar.add(len(rows))
    return answers


def _to_python(values):
    values = values.numpy()
    if values.dtype == object:
        values = np.vectorize(lambda text: text.decode(errors="replace"), otypes=[object])(values)
    return list(values) if values.ndim > 1 else values.tolist()
