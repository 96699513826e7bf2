"""Binary files as JavaScript, which browsers load from file:// too."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any


def write_packed(path: Path, content: bytes) -> None:
    """Write a file that puts some bytes, compressed, into `globalThis.packed`, under its name.

    Args:
        path: path of the file without the ending `.js`, which is added.
        content: the bytes.
    """
    packed = base64.b64encode(gzip.compress(content, mtime=0)).decode("ascii")
    _write(path, f'(globalThis.packed ??= {{}})["{path.name}"] = "{packed}";\n')


def write_settings(path: Path, values: Any) -> None:
    """Write a file that assigns values to `globalThis.settings`: see `write_packed`."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    _write(path, f"globalThis.settings = {text};\n")


def _write(path: Path, script: str) -> None:
    path.with_name(f"{path.name}.js").write_text(script, encoding="utf-8")
