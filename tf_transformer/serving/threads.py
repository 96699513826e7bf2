"""How many threads TensorFlow computes with."""

from __future__ import annotations

import os


def share_cores(batches: int, alone: bool = True) -> None:
    """Choose TensorFlow's threads for a server, unless the environment says how many.

    An operation on a little text is slower if threads share it. So it uses one, and the batches
    side by side use the cores. A single batch has all threads, if it has all cores.

    TensorFlow reads this once, when it first computes: call it before.

    Args:
        batches: those that run at the same time; 0 for one a core.
        alone: whether this process has all cores; each of several has one. Defaults to `True`.
    """
    if batches != 1 or not alone:
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    if not alone:
        os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
