"""The versions of a SavedModel, in TensorFlow Serving's layout: `NAME/1`, `NAME/2` and so on."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf
import tensorflow_text  # noqa: F401  registers the tokenizers' operations for loading

from tf_transformer.errors import UserError, require
from tf_transformer.export.slim import slim
from tf_transformer.export.warm_up import write_warm_up
from tf_transformer.files import replacing


def write_version(
    served: tf.Module,
    signatures: Mapping[str, Callable],
    export_dir: str | os.PathLike,
    card: object,
    requests: Sequence[tuple[str, list[str]]] = (),
) -> Path:
    """Write the next version of a model; existing versions stay unchanged.

    Args:
        served: the contents of the SavedModel.
        signatures: its signatures, by name.
        export_dir: directory of the model; the export becomes its `1/`, or the next number.
        card: what people should know, written to the export as `README.md`.
        requests: requests of the warm-up file: see `write_warm_up`. Defaults to none.

    Returns:
        The path of the version.

    Raises:
        UserError: if there is a file at `export_dir`, or if nothing can be written there.
    """
    export_dir = Path(export_dir)
    require_writable(export_dir)
    version = export_dir / str(max(_versions(export_dir), default=0) + 1)
    with replacing(version) as path:
        options = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
        tf.saved_model.save(served, str(path), signatures=signatures, options=options)
        slim(path)
        (path / "README.md").write_text(str(card), encoding="utf-8")
        if requests:
            write_warm_up(path, export_dir.name, requests)
    return version


def load_version(model_dir: str | os.PathLike) -> tuple[Any, Path]:
    """Load the newest version of a model.

    Args:
        model_dir: directory of the model or of a version.

    Returns:
        The loaded object, and the path of the version.

    Raises:
        UserError: if there is no SavedModel, or if it is damaged.
    """
    model_dir = Path(model_dir)
    if not model_dir.is_dir():
        raise UserError(
            f"model_dir={model_dir} is not a directory: train and export a model first, or load "
            "the translator in the box with tft.from_pretrained()."
        )
    versions = [number for number in _versions(model_dir) if (model_dir / str(number)).is_dir()]
    path = model_dir / str(max(versions)) if versions else model_dir
    if not (path / "saved_model.pb").is_file():
        raise UserError(
            f"model_dir={model_dir} holds no SavedModel: no saved_model.pb, no numbered version."
        )
    try:
        return _held(tf.saved_model.load(str(path))), path
    except (OSError, tf.errors.OpError, ValueError, IndexError, KeyError, AttributeError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"model_dir={path} is damaged and cannot be loaded: {reason}") from error


def _held(model: Any) -> Any:
    """Let a model's functions hold a reference to it; otherwise TensorFlow deletes its weights."""
    for function in vars(model).values():
        if hasattr(function, "concrete_functions"):
            function.model = model
    return model


def require_writable(export_dir: str | os.PathLike) -> None:
    """Check that a model can be written into a directory, which need not exist yet.

    Args:
        export_dir: directory of the model.

    Raises:
        UserError: if it is a file, or if nothing can be written there.
    """
    directory = Path(export_dir).absolute()
    require(
        not directory.exists() or directory.is_dir(),
        f"export_dir={export_dir} is a file: choose another export_dir.",
    )
    there = next(path for path in (directory, *directory.parents) if path.exists())
    require(
        there.is_dir() and os.access(there, os.W_OK),
        f"export_dir={export_dir}: nothing can be written in {there}: choose another export_dir.",
    )


def _versions(directory: Path) -> list[int]:
    """Return the numbers of the versions in a model's directory."""
    if not directory.is_dir():
        return []
    return [int(path.name) for path in directory.iterdir() if path.name.isdecimal()]
