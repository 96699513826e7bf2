"""Vectors with names, for TensorBoard's embedding projector."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from google.protobuf import text_format
from tensorboard.plugins.projector import ProjectorConfig

from tf_transformer.errors import UserError, counted
from tf_transformer.files import replacing, write_text

_CONFIG = "projector_config.pbtxt"
_BLANK = "␣"  # the projector skips lines without a visible character, which shifts all labels


def write_projector(
    directory: str | os.PathLike,
    name: str,
    vectors: np.ndarray,
    labels: Sequence[str] | Mapping[str, Sequence[object]],
) -> None:
    """Write vectors and their labels where TensorBoard's projector finds them.

    A directory can hold several sets of vectors; a set of the same name is replaced. TensorBoard
    shows the directory as a run, whose logs may be in it too.

    Args:
        directory: directory of logs, such as `runs/NAME/logs/train`; it is created if missing.
        name: name of the vectors in the projector: letters, digits, "_", "-" and ".".
        vectors: float `(rows, width)`.
        labels: a label for each row; or several columns by title, for searching and colouring.

    Raises:
        UserError: if the name cannot be a file name, or if the numbers of labels and vectors
            differ.

    Example:
        ```python
        import numpy as np
        from tf_transformer.tensorboard import write_projector

        write_projector("runs/mine/logs/words", "words", np.eye(3), ["one", "two", "three"])
        ```
    """
    vectors = np.asarray(vectors, dtype="float32")
    columns = labels if isinstance(labels, Mapping) else {"label": labels}
    _check(name, vectors, columns)
    directory = Path(directory)
    with replacing(directory / f"{name}.vectors.tsv") as path:
        np.savetxt(path, vectors, fmt="%.6g", delimiter="\t")
    write_text(directory / f"{name}.labels.tsv", _table(columns))
    write_text(directory / _CONFIG, _config_with(directory, name))
    if any(directory.glob("events.out.tfevents.*")):
        return
    # For TensorBoard, a directory is a run only if it has events.
    with tf.summary.create_file_writer(str(directory), name=name).as_default(step=0):
        rows, width = vectors.shape
        tf.summary.text(
            f"vectors/{name}",
            f"{counted(rows, 'vector')} of {counted(width, 'number')}: see Projector.",
        )


def _check(name: str, vectors: np.ndarray, columns: Mapping[str, Sequence[object]]) -> None:
    if not re.fullmatch(r"[\w.-]+", name, flags=re.ASCII):
        raise UserError(f"{name!r} cannot name vectors: use letters, digits, '_', '-' and '.'.")
    if vectors.ndim != 2 or not vectors.size:
        raise UserError(f"{name}: vectors of shape {vectors.shape} are not rows of numbers.")
    for title, column in columns.items():
        if len(column) != len(vectors):
            raise UserError(
                f"{name}: {len(column):,} of {title} for {counted(len(vectors), 'vector')}."
            )


def _table(columns: Mapping[str, Sequence[object]]) -> str:
    """Return the labels as a TSV file, with a header if there are several columns."""
    header = [tuple(columns)] if len(columns) > 1 else []
    rows = [*header, *zip(*columns.values(), strict=True)]
    return "".join("\t".join(map(_cell, row)) + "\n" for row in rows)


def _cell(value: object) -> str:
    # Everything that ends a cell or a line for the projector or for Python.
    text = re.sub(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]", "␤", str(value))
    return text if text.strip() else _BLANK


def _config_with(directory: Path, name: str) -> str:
    """Return the projector's configuration: that of the directory, with these vectors added."""
    config = ProjectorConfig()
    file = directory / _CONFIG
    if file.exists():
        text_format.Parse(file.read_text(encoding="utf-8"), config)
    others = [embedding for embedding in config.embeddings if embedding.tensor_name != name]
    del config.embeddings[:]
    config.embeddings.extend(others)
    config.embeddings.add(
        tensor_name=name, tensor_path=f"{name}.vectors.tsv", metadata_path=f"{name}.labels.tsv"
    )
    return text_format.MessageToString(config)
