"""How long training takes, by its first steps."""

from __future__ import annotations

import statistics
import time
from typing import Any

import keras

_TIMED = 100  # steps: more than there are shapes of batches
_COMPILES = 3  # a step that takes so many times the median


class TimeLeft(keras.callbacks.Callback):
    """Prints, once, how long training will go on, after its first 100 steps.

    Where XLA compiles, a timed product of matrices says little, and the first step of each shape of
    batch takes up to a thousand times as long as any later one. Such steps are left out:

        minutes = mean(seconds of the other steps) * steps to go / 60

    Validation and saving come on top.

    Args:
        steps: steps that are still to train.
        max_minutes: time limit, counted from now; 0 means none. Defaults to 0.
    """

    def __init__(self, steps: int, max_minutes: float = 0.0) -> None:
        super().__init__()
        self._steps = steps
        self._deadline = time.monotonic() + 60 * max_minutes if max_minutes else float("inf")
        self._seconds: list[float] = []

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._began = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if len(self._seconds) == _TIMED:
            return
        now = time.monotonic()
        self._seconds.append(now - self._began)
        if len(self._seconds) == _TIMED < self._steps:
            minutes = min(self._minutes(), (self._deadline - now) / 60)
            print(f"\nAbout {max(minutes, 1):.0f} min to go, by the first {_TIMED} steps.")

    def _minutes(self) -> float:
        most = _COMPILES * statistics.median(self._seconds)
        mean = statistics.mean(seconds for seconds in self._seconds if seconds <= most)
        return mean * (self._steps - _TIMED) / 60
