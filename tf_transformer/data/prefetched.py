"""Batches that are made while the model trains on others."""

from __future__ import annotations

import tensorflow as tf


def prefetched(batches: tf.data.Dataset) -> tf.data.Dataset:
    """Make a few batches ahead, which is far less work than training on them.

    The tuner of `tf.data` is off. It looks at a pipeline at ever longer intervals, up to a minute,
    and a tuned pipeline can end only at the next look.

    Args:
        batches: the batches, in order.

    Returns:
        The same batches.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return batches.prefetch(8).with_options(options)
