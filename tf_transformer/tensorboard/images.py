"""Figures on disk as images in TensorBoard."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import tensorflow as tf


def write_images(directory: str | os.PathLike, paths: Iterable[str | os.PathLike]) -> None:
    """Write images for TensorBoard, each under the name of its file.

    Args:
        directory: directory of the run's event files.
        paths: paths of PNG files.
    """
    writer = tf.summary.create_file_writer(str(directory))
    with writer.as_default(step=0):
        for path in map(Path, paths):
            tf.summary.image(path.stem, tf.io.decode_png(path.read_bytes(), channels=3)[None])
    writer.close()
