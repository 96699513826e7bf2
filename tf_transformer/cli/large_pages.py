"""Large pages of memory for a training."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from pathlib import Path

_VARIABLE = "GLIBC_TUNABLES"
_TUNABLES = {
    "hugetlb": 1,  # large pages, where the system gives them on request
    "mmap_max": 0,  # no blocks of their own, which go back to the system when they are freed
    "trim_threshold": 2**32,  # bytes: keep what is free for the next step
    "top_pad": 2**28,  # bytes: take that much more at a time
}
_OLDEST = (2, 35)  # of glibc, with large pages
_SWITCH = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def take_large_pages(names: Collection[str]) -> None:
    """Start this program anew with large pages of memory, where the system has them.

    A training step takes and frees the same blocks as the one before. With large pages that stay
    with the process, the system maps and clears fewer of them. glibc reads such settings only at
    its start, so this replaces the process, once. It does nothing where they cannot help: without
    Linux and glibc 2.35, or if the user has set `GLIBC_TUNABLES`, even to nothing.

    Args:
        names: the files or modules by which Python was started for this program. A process that was
            started for another (a notebook, a test) and came here is left as it is.
    """
    if _VARIABLE not in os.environ and _was_started_as(names) and _has_large_pages():
        os.environ[_VARIABLE] = ":".join(
            f"glibc.malloc.{name}={value}" for name, value in _TUNABLES.items()
        )
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _was_started_as(names: Collection[str]) -> bool:
    return any(Path(argument).name in names for argument in sys.orig_argv[1:])


def _has_large_pages() -> bool:
    if sys.platform != "linux" or not sys.executable:
        return False
    name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    if name != "glibc" or tuple(map(int, version.split(".")[:2])) < _OLDEST:
        return False
    try:
        return "[never]" not in _SWITCH.read_text()
    except OSError:
        return False
