"""Starts TensorFlow without the messages that it writes before it can be told not to.

Set TF_CPP_MIN_LOG_LEVEL=0 to read them.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.machinery
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import TextIO

LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
KEEPS_QUIET = os.environ.get(LOG_LEVEL) != "0"  # JAX sets 1, and whoever sets more asks for less


class _QuietFinder:
    """Finds TensorFlow for Python's import system, and makes its start quiet."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != "tensorflow":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec and spec.loader:
            spec.loader.exec_module = functools.partial(_run_quietly, spec.loader.exec_module)
        return spec


def keep_tensorflow_quiet() -> None:
    """Silence TensorFlow's start, unless the user has set its log level to 0."""
    if KEEPS_QUIET and "tensorflow" not in sys.modules:
        sys.meta_path.insert(0, _QuietFinder())


def _run_quietly(run: Callable[[ModuleType], None], module: ModuleType) -> None:
    os.environ[LOG_LEVEL] = "3"  # failures also raise exceptions
    with silent_stderr():  # the first messages come before TensorFlow reads the level
        run(module)
    module.get_logger().setLevel("WARNING")  # it is lower in notebooks


def silent_stderr() -> contextlib.AbstractContextManager[None]:
    """Write to nowhere what libraries would write to standard error."""
    return _silent(2, sys.stderr)


def silent_stdout() -> contextlib.AbstractContextManager[None]:
    """Write to nowhere what libraries would write to standard output."""
    return _silent(1, sys.stdout)


@contextlib.contextmanager
def _silent(descriptor: int, stream: TextIO) -> Iterator[None]:
    stream.flush()
    kept = os.dup(descriptor)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), descriptor)
    try:
        yield
    finally:
        os.dup2(kept, descriptor)
        os.close(kept)
