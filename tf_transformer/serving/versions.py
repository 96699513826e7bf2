"""The versions of a model that are served: the newest, and those that labels name.

`saved_models/NAME/` is looked at again and again. A new version is loaded and warmed up beside the
one that serves, and takes over then: requests that have begun end with the version they found.
A version that cannot be loaded is refused until its files change; the one before it stays.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from tf_transformer.errors import UserError, require
from tf_transformer.serving.failures import Failure, invalid
from tf_transformer.serving.signature import Signature, Tensors

LABELS = "labels.json"

_NUMBER = re.compile("0|[1-9][0-9]{0,17}")
_Files = frozenset[tuple[str, int, int]]  # path, bytes and time of each file of a version


class Model(Protocol):
    """A loaded version of a model."""

    signatures: Mapping[str, Signature]

    def function(self, signature: str) -> Callable[[Tensors], Tensors]:
        """Return the function of a signature: the same object each time."""


class Status(NamedTuple):
    """Where a version is in its life.

    Args:
        version: its number.
        state: `"LOADING"`, `"AVAILABLE"` or `"END"`.
        code: name of a gRPC status code. Defaults to `"OK"`.
        message: why it could not be loaded. Defaults to none.
    """

    version: int
    state: str
    code: str = "OK"
    message: str = ""


class Versions:
    """The versions of a model, by number and by label.

    Labels are in the file `labels.json` in the model's directory, such as
    `{"stable": 1, "canary": 2}`. A label that names a version that is not served stays where it
    was.

    Args:
        directory: directory of the model, whose versions are `1/`, `2/` and so on.
        load: loads a version from its path and warms it up; called in a thread.
        tell: called with a line for people whenever something changes. Defaults to nobody.

    Example:
        ```python
        import asyncio
        import tempfile
        from pathlib import Path

        from tf_transformer.serving.versions import Versions

        directory = Path(tempfile.mkdtemp())
        (directory / "1").mkdir()
        (directory / "1" / "saved_model.pb").touch()
        versions = Versions(directory, load=lambda path: f"model {path.name}")
        asyncio.run(versions.refresh())
        versions.find()  # (1, 'model 1')
        ```
    """

    def __init__(
        self,
        directory: Path,
        load: Callable[[Path], Model],
        tell: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.directory, self.name = Path(directory), os.path.basename(os.path.abspath(directory))
        self.labels: dict[str, int] = {}
        self._load, self._tell = load, tell
        self._served: dict[int, Model] = {}
        self._refused: dict[int, _Files] = {}
        self._statuses: dict[int, Status] = {}
        self._newest: int | None = None
        self._mistake: str | None = None

    @property
    def is_ready(self) -> bool:
        """Whether there is a version that serves."""
        return self._newest is not None

    def find(self, version: int | None = None, label: str | None = None) -> tuple[int, Model]:
        """Return a version's number and model: the newest, if none is named.

        Raises:
            Failure: if there is no such version or label.
        """
        if label is not None:
            if label not in self.labels:
                raise invalid(f"Unrecognized servable version label: {label}")
            version = self.labels[label]
        number = self._newest if version is None else version
        if number not in self._served:
            asked = f"Latest({self.name})"
            if version is not None:
                asked = f"Specific({self.name}, {version})"
            raise Failure("NOT_FOUND", f"Servable not found for request: {asked}")
        return number, self._served[number]

    def statuses(self, version: int | None = None, label: str | None = None) -> list[Status]:
        """Return the states of all versions, newest first, or of one.

        Raises:
            Failure: if there is no such version or label.
        """
        if label is not None:
            version, _ = self.find(label=label)
        if version is None and self._statuses:
            return [self._statuses[number] for number in sorted(self._statuses, reverse=True)]
        if version not in self._statuses:
            sought = "any versions" if version is None else f"version {version}"
            raise Failure("NOT_FOUND", f"Could not find {sought} of model {self.name}")
        return [self._statuses[version]]

    async def load(self) -> None:
        """Load the newest version.

        Raises:
            UserError: if no version can be loaded.
        """
        await self.refresh()
        if not self.is_ready:
            reasons = "; ".join(status.message for status in self.statuses())
            raise UserError(f"no version of the model can be served: {reasons}")

    async def watch(self, seconds: float) -> None:
        """Look for new versions again and again.

        Args:
            seconds: time between two looks.
        """
        while True:
            await asyncio.sleep(seconds)
            try:
                await self.refresh()
            except OSError as error:  # a version was removed while it was looked at
                self._tell(f"model_dir cannot be read: {error}")

    async def refresh(self) -> None:
        """Look at the directory, load what is new, and drop what is not needed any more."""
        numbers = _numbers(self.directory)
        newest = await self._first_that_loads(numbers)
        if newest is None:
            return  # nothing there to take over
        wanted = self._read_labels()
        for number in {*wanted.values()} & {*numbers}:
            await self._is_served(number)
        kept = {label: self.labels[label] for label in wanted if label in self.labels}
        moved = {label: number for label, number in wanted.items() if number in self._served}
        labels = {**kept, **moved}
        self._change_labels(labels)
        if newest != self._newest:
            self._newest = newest
            self._tell(f"version {newest} serves")
        for number in {*self._served} - {newest, *labels.values()}:
            del self._served[number]
            self._statuses[number] = Status(number, "END")

    async def _first_that_loads(self, numbers: list[int]) -> int | None:
        for number in numbers:
            if await self._is_served(number):
                return number
        return None

    async def _is_served(self, number: int) -> bool:
        """Return whether a version is served, after an attempt to load it."""
        if number in self._served:
            return True
        path = self.directory / str(number)
        files = await asyncio.to_thread(_files, path)
        if self._refused.get(number) == files:
            return False
        self._statuses[number] = Status(number, "LOADING")
        try:
            self._served[number] = await asyncio.to_thread(self._load, path)
        except Exception as error:
            self._refused[number] = files
            reason = " ".join(str(error).split()) or type(error).__name__
            self._statuses[number] = Status(number, "END", "INTERNAL", reason)
            self._tell(f"version {number} is refused: {reason}")
            return False
        self._refused.pop(number, None)
        self._statuses[number] = Status(number, "AVAILABLE")
        return True

    def _read_labels(self) -> dict[str, int]:
        path = self.directory / LABELS
        if not path.is_file():
            return {}
        try:
            labels = json.loads(path.read_text(encoding="utf-8"))
            labels = {str(label): int(number) for label, number in labels.items()}
        except (ValueError, TypeError, AttributeError, OSError):
            self._complain(f"{path} is no JSON object from labels to numbers of versions")
            return self.labels
        self._mistake = None
        return labels

    def _complain(self, line: str) -> None:
        """Tell of a mistake, once for as long as it lasts."""
        if line != self._mistake:
            self._mistake = line
            self._tell(line)

    def _change_labels(self, labels: dict[str, int]) -> None:
        for label in labels:
            if self.labels.get(label) != labels[label]:
                self._tell(f"label {label} is version {labels[label]}")
        self.labels = labels


def model_directory(model_dir: str | os.PathLike) -> Path:
    """Return the directory of a model.

    Args:
        model_dir: its path.

    Raises:
        UserError: if there are no versions of a model in it.
    """
    directory = Path(model_dir)
    require(directory.is_dir(), f"model_dir={model_dir} is not a directory: export a model first.")
    require(
        not (directory / "saved_model.pb").is_file(),
        f"model_dir={model_dir} is a version of a model: give the directory that it is in, "
        f"{directory.resolve().parent}.",
    )
    require(
        any(directory.glob("[0-9]*/saved_model.pb")),
        f"model_dir={model_dir} holds no SavedModel: no numbered version with a saved_model.pb.",
    )
    return directory


def _numbers(directory: Path) -> list[int]:
    """Return the numbers of the versions in a directory, newest first."""
    found = (path.parent.name for path in directory.glob("*/saved_model.pb"))
    return sorted((int(name) for name in found if _NUMBER.fullmatch(name)), reverse=True)


def _files(path: Path) -> _Files:
    """Return what tells whether the files of a version have changed."""
    found = [(file, file.stat()) for file in path.rglob("*") if file.is_file()]
    return frozenset((str(file), stat.st_size, stat.st_mtime_ns) for file, stat in found)
