"""How many threads TensorFlow may use for one batch."""

from __future__ import annotations

import os


def compute_in_one_thread(side_by_side: bool = False) -> None:
    """Let each operation of TensorFlow use one thread: what runs side by side are batches.

    The matrices of a sentence are small: to share them between threads costs more than it gains.
    The environment variables `TF_NUM_INTRAOP_THREADS` and `TF_NUM_INTEROP_THREADS` go before. It
    has to be called before TensorFlow computes anything.

    Args:
        side_by_side: whether operations of one batch may run side by side. Defaults to `False`.
    """
    import tensorflow as tf

    if "TF_NUM_INTRAOP_THREADS" not in os.environ:
        tf.config.threading.set_intra_op_parallelism_threads(1)
    if not side_by_side and "TF_NUM_INTEROP_THREADS" not in os.environ:
        tf.config.threading.set_inter_op_parallelism_threads(1)
