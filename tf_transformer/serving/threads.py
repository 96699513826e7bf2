"""How many threads TensorFlow computes with."""

from __future__ import annotations

import os


def use_one_thread(within: bool = False, across: bool = False) -> None:
    """Let TensorFlow use a single thread, unless the environment says how many.

    TensorFlow reads this once, when it first computes: call it before.

    Args:
        within: whether an operation uses one thread. Operations on a little text are slower if
            threads share them. Defaults to `False`.
        across: whether operations run one after the other. Defaults to `False`.
    """
    for kind, is_one in (("INTRAOP", within), ("INTEROP", across)):
        if is_one:
            os.environ.setdefault(f"TF_NUM_{kind}_THREADS", "1")
