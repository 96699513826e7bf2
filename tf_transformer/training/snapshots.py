"""Snapshots of a run on disk: if anything happens to the newest, the one before is still there."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tf_transformer.errors import UserError
from tf_transformer.files import replacing

_ARRAYS, _VALUES, _MANIFEST = "variables.npz", "progress.json", "manifest.json"


class Snapshots:
    """Keeps the last two snapshots of a run.

    A snapshot is a directory, `step-NNNNNNN/`:

        variables.npz   the arrays
        progress.json   the values
        manifest.json   the SHA-256 of each file that belongs to the snapshot

    It is written under another name, flushed to disk (`fsync`), renamed and read back. Only then is
    the oldest removed.

    Args:
        directory: where snapshots and the files that they need go.
    """

    def __init__(self, directory: str | os.PathLike) -> None:
        self.directory = Path(directory)
        self._kept: set[str] = set()  # names of the last snapshot and of what it needs

    def save(
        self, step: int, arrays: Sequence[np.ndarray], values: Any, needs: Sequence[str] = ()
    ) -> None:
        """Write a snapshot unless it exists, and keep only it and the one before.

        Args:
            step: its number.
            arrays: contents of `variables.npz`.
            values: anything that JSON can hold.
            needs: names of files `step-…` in the same directory that belong to it, and are kept as
                long. Defaults to none.
        """
        path = self.directory / f"step-{step:07d}"
        if path.name in self._kept:
            return
        buffer = io.BytesIO()
        np.savez(buffer, *arrays)
        files = {_ARRAYS: buffer.getbuffer(), _VALUES: json.dumps(values, indent=2).encode()}
        sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        sums |= {f"../{name}": _sha256(self.directory / name) for name in needs}
        files[_MANIFEST] = json.dumps(sums, indent=2).encode()

        shutil.rmtree(path, ignore_errors=True)  # if it exists, it is damaged
        with replacing(path) as new:
            new.mkdir()
            for name, content in files.items():
                (new / name).write_bytes(content)
                flush_to_disk(new / name)
            flush_to_disk(new)
        flush_to_disk(self.directory)
        if damage := _damage(path):
            raise OSError(f"{path} was not written correctly: {damage}")

        kept = {path.name, *needs}
        for other in (*self.directory.glob("step-*"), *self.directory.glob(".writing-*")):
            if other.name not in kept | self._kept:
                shutil.rmtree(other) if other.is_dir() else other.unlink()
        self._kept = kept

    def newest(self) -> tuple[list[np.ndarray], Any] | None:
        """Read the newest undamaged snapshot, and print which ones are damaged.

        Returns:
            `(arrays, values)`, or `None` if there is no snapshot.

        Raises:
            UserError: if there are snapshots, but all are damaged.
        """
        paths = [path for path in self.directory.glob("step-*") if path.is_dir()]
        damages = []
        for path in sorted(paths, reverse=True):
            damage = _damage(path)
            if not damage:
                for line in damages:
                    print(f"{line}: going back to {path.name}.")
                return self._read(path)
            damages.append(f"{path} is damaged ({damage})")
        if damages:
            raise UserError(f"{'; '.join(damages)}: there is no checkpoint to resume from.")
        return None

    def _read(self, path: Path) -> tuple[list[np.ndarray], Any]:
        needs = (name for name in _manifest(path) if name.startswith("../"))
        self._kept = {path.name, *(name.removeprefix("../") for name in needs)}
        with np.load(path / _ARRAYS) as arrays:
            return list(arrays.values()), json.loads((path / _VALUES).read_bytes())


def flush_to_disk(path: str | os.PathLike) -> None:
    """Wait until a file, or the entries of a directory, are on disk: `fsync`."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _damage(path: Path) -> str | None:
    """Return what is wrong with a snapshot, or `None` if it is undamaged."""
    try:
        for name, expected in _manifest(path).items():
            if _sha256(path / name) != expected:
                return f"the checksum of {name} has changed"
    except OSError as error:
        return f"{Path(error.filename).name}: {error.strerror}"
    except (ValueError, AttributeError):
        return f"{_MANIFEST} is unreadable"
    return None


def _manifest(path: Path) -> dict[str, str]:
    return json.loads((path / _MANIFEST).read_bytes())


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
