"""A free directory for a new run."""

from __future__ import annotations

import itertools
import os
from pathlib import Path


def free_directory(path: str | os.PathLike) -> Path:
    """Return a directory for a new run: this one or, if it is not free, a numbered one.

    After `runs/x` come `runs/x-2`, `runs/x-3`, and so on. A directory is free if it does not exist
    or is empty. None is created.

    Args:
        path: the preferred directory.

    Example:
        ```python
        import tempfile
        from pathlib import Path

        import tf_transformer as tft

        runs = Path(tempfile.mkdtemp())
        tft.training.free_directory(runs / "first").name  # 'first'
        tft.Run.create(runs / "first")
        tft.training.free_directory(runs / "first").name  # 'first-2'
        ```
    """
    path = Path(path)
    others = (path.with_name(f"{path.name}-{number}") for number in itertools.count(2))
    return next(each for each in itertools.chain([path], others) if _is_free(each))


def _is_free(path: Path) -> bool:
    return not path.exists() or (path.is_dir() and not any(path.iterdir()))
