"""How far long work has come, in a line now and then."""

from __future__ import annotations

import time
from types import TracebackType

from tf_transformer.errors import counted

_SECONDS = 10.0  # between two lines


class Progress:
    """Prints how many pairs are done, every ten seconds.

    Args:
        what: what is being done.
        total: number of pairs in all; 0 means unknown. Defaults to 0.
    """

    def __init__(self, what: str, total: int = 0) -> None:
        self._what = what
        self._total = total
        self._done = 0
        self._began = self._told = time.monotonic()

    def tell(self, done: int) -> None:
        """Take note that so many pairs are done."""
        self._done = done
        now = time.monotonic()
        if now - self._told < _SECONDS:
            return
        self._told = now
        rate = done / (now - self._began)
        rest = f", about {(self._total - done) / rate / 60:.0f} min to go" if self._total else ""
        pairs = f"{done:,} of {counted(self._total, 'pair')}" if self._total else f"{done:,}"
        print(f"{self._what}: {pairs}, {rate:,.0f} a second{rest}.", flush=True)

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            seconds = time.monotonic() - self._began
            print(f"{self._what}: {counted(self._done, 'pair')} in {seconds:.0f} s.", flush=True)
