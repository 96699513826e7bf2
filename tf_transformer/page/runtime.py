"""ONNX Runtime Web, whose files the page has from its npm package."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from tf_transformer.errors import UserError
from tf_transformer.page.packed_files import write_packed

PACKAGE = "onnxruntime-web"
TESTED = "1.30.0"
INSTALL = f"npm install {PACKAGE}@{TESTED}"

_SCRIPT = "ort.wasm.min.js"
_PARTS = {
    "runtime.mjs": "ort-wasm-simd-threaded.mjs",
    "runtime.wasm": "ort-wasm-simd-threaded.wasm",
}


def find_runtime(directory: str | os.PathLike | None = None) -> Path:
    """Return the directory of the package's files.

    Args:
        directory: the directory in which `npm install` was run. Defaults to the current one.

    Raises:
        UserError: if the package is not there, or if its files are not those that are needed.
    """
    home = Path(directory or ".") / "node_modules" / PACKAGE
    dist = home / "dist"
    wanted = [dist / name for name in (_SCRIPT, *_PARTS.values())]
    where = f" in {directory}" if directory else ""
    try:
        found = json.loads((home / "package.json").read_text(encoding="utf-8"))["version"]
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(
            f"the page needs {PACKAGE}, which is not{where or ' here'}: run "
            f"{INSTALL}{where}, or name the directory where you did with --npm_dir."
        ) from None
    missing = [path.name for path in wanted if not path.is_file()]
    same = _release(found) == _release(TESTED)
    if missing or not same:
        wrong = f"lacks {', '.join(missing)}" if missing else f"is of release {found}"
        raise UserError(f"{home} {wrong}; the page was tried with {TESTED}: run {INSTALL}{where}.")
    return dist


def copy_runtime(dist: Path, directory: Path) -> None:
    """Copy the files of the package into a directory, which is made."""
    directory.mkdir()
    script = (dist / _SCRIPT).read_text(encoding="utf-8")
    (directory / _SCRIPT).write_text(_without_map(script), encoding="utf-8")
    for name, source in _PARTS.items():
        write_packed(directory / name, (dist / source).read_bytes())


def _without_map(script: str) -> str:
    """Drop the reference to a file for debuggers, which is not copied."""
    return re.sub(r"\n//# sourceMappingURL=.*\s*$", "\n", script)


def _release(version: str) -> list[str]:
    return version.split(".")[:2]
