"""Work that is put off, so that it takes a small share of the time."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator


class TimeShare:
    """Tells when work may begin again that shall take at most a share of the time.

    Work of some seconds is followed by a rest:

        next begin = this begin + seconds / share

    Whenever work begins, all work before has thus taken at most that share of the time since the
    first.

    Args:
        share: the largest share; 1 means no rest, and 0 one without end.

    Example:
        ```python
        from tf_transformer.training.time_share import TimeShare

        writing = TimeShare(0.03)
        with writing.spent():
            pass  # 0.3 seconds of work
        writing.may_begin  # False, until 10 seconds after this work has begun
        ```
    """

    def __init__(self, share: float) -> None:
        self._share = share
        self._next = float("-inf")

    @property
    def may_begin(self) -> bool:
        """Whether the rest is over."""
        return time.monotonic() >= self._next

    @contextlib.contextmanager
    def spent(self) -> Iterator[None]:
        """Count the seconds in a block, also if it fails."""
        began = time.monotonic()
        try:
            yield
        finally:
            seconds = time.monotonic() - began
            rest = seconds / self._share if self._share else float("inf")
            self._next = max(self._next, began) + rest
