"""Pictures that are on disk, in TensorBoard."""

from pathlib import Path

import tensorflow as tf


def write_pictures(directory, paths):
    """Write pictures for TensorBoard, each under the name of its file.

    Args:
        directory: of the run's event files.
        paths: of PNG files.
    """
    writer = tf.summary.create_file_writer(str(directory))
    with writer.as_default(step=0):
        for path in map(Path, paths):
            tf.summary.image(path.stem, tf.io.decode_png(path.read_bytes(), channels=3)[None])
    writer.close()
