"""Writing that never leaves an incomplete file in place of a complete one."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any


@contextlib.contextmanager
def replacing(path: str | os.PathLike) -> Iterator[Path]:
    """Write to a temporary path, which replaces `path` if the block succeeds.

    The temporary path has the same ending as `path`, because some writers depend on it. If the
    block fails, whatever was at `path` stays, and what was written is removed.

    Args:
        path: path of a file, or of a directory that does not exist yet.

    Yields:
        The temporary path, which does not exist yet.

    Example:
        ```python
        import tempfile
        from pathlib import Path

        from tf_transformer.files import replacing

        path = Path(tempfile.mkdtemp(), "letter.txt")
        with replacing(path) as temporary:
            temporary.write_text("Dear reader,")
        path.read_text()  # 'Dear reader,'
        ```
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    room = Path(tempfile.mkdtemp(prefix=".writing-", dir=path.parent))
    try:
        yield room / path.name
        os.replace(room / path.name, path)
    finally:
        shutil.rmtree(room, ignore_errors=True)


def write_text(path: str | os.PathLike, text: str) -> None:
    """Write a text file, completely or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: str | os.PathLike, values: Any) -> None:
    """Write a JSON file, completely or not at all."""
    write_text(path, json.dumps(values, indent=2, ensure_ascii=False) + "\n")
