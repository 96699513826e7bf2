"""Writing that never leaves a half-made file in place of a whole one."""

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
    """Write to a temporary name beside `path`, which takes its place if all goes well.

    The temporary name has the same ending as `path`, as some writers go by it. If the block fails,
    what was at `path` stays, and what was written is removed.

    Args:
        path: of a file, or of a directory that is not there yet.

    Yields:
        The temporary path: nothing is there yet.

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
    """Write a text file, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: str | os.PathLike, values: Any) -> None:
    """Write a JSON file, whole or not at all."""
    write_text(path, json.dumps(values, indent=2, ensure_ascii=False) + "\n")
