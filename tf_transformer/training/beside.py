"""Work that a training waits for, and work that is done beside it, in a thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor


class AtOnce:
    """Does work at once, while the training waits."""

    is_done = True

    def start(self, work: Callable[[], None]) -> None:
        """Do the work."""
        work()

    def wait(self) -> None:
        """Return: there is nothing to wait for."""


class Beside:
    """Does one piece of work at a time in a thread, beside the training."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="beside")
        self._work: Future[None] | None = None

    @property
    def is_done(self) -> bool:
        """Whether there is nothing to wait for."""
        return self._work is None or self._work.done()

    def start(self, work: Callable[[], None]) -> None:
        """Start work, when the work before is done.

        Raises:
            Exception: what went wrong in the work before.
        """
        self.wait()
        self._work = self._thread.submit(work)

    def wait(self) -> None:
        """Wait until the work is done.

        Raises:
            Exception: what went wrong in it.
        """
        work, self._work = self._work, None
        if work:
            work.result()
