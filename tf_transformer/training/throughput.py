"""The speed of training."""

from __future__ import annotations

import time
from typing import Any

import keras


class Throughput(keras.callbacks.Callback):
    """Adds `tokens_per_second` to each epoch's logs: real target tokens, without validation.

        tokens_per_second = tokens_per_step * steps / seconds

    In an epoch that was interrupted, it is the speed since the run was resumed.

    Args:
        tokens_per_step: real target tokens of a batch, on average.
    """

    def __init__(self, tokens_per_step: float) -> None:
        super().__init__()
        self.tokens_per_step = tokens_per_step

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._started = self._ended = time.monotonic()
        self._steps = 0

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._ended = time.monotonic()
        self._steps += 1

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        seconds = max(self._ended - self._started, 1e-9)
        logs["tokens_per_second"] = self.tokens_per_step * self._steps / seconds
