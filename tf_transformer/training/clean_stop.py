"""Stopping in good order: at a time limit, or when the user asks."""

from __future__ import annotations

import signal
import threading
import time
import types
from typing import TYPE_CHECKING, Any

import keras

if TYPE_CHECKING:
    from tf_transformer.training.checkpoints import Checkpoints


class CleanStop(keras.callbacks.Callback):
    """Ends training between two steps, where a checkpoint is saved.

    At the time limit the epoch is closed like any other: validated and scored. Ctrl-C raises
    `KeyboardInterrupt` at once, or when the epoch is closed if it has no steps left. A second
    Ctrl-C does not wait for that, and loses what came after the last checkpoint.

    Args:
        checkpoints: what saves; it stands before this among the callbacks.
        max_minutes: time limit, counted from here; 0 for none. Defaults to 0.
    """

    def __init__(self, checkpoints: Checkpoints, max_minutes: float = 0.0) -> None:
        super().__init__()
        self.checkpoints = checkpoints
        self.over = False  # whether the time limit was over when the last epoch ended
        self._deadline = time.monotonic() + 60 * max_minutes if max_minutes else float("inf")
        self._asked = False
        self._handler = None

    @property
    def late(self) -> bool:
        """Whether the time limit is over."""
        return time.monotonic() > self._deadline

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if threading.current_thread() is threading.main_thread():
            self._handler = signal.signal(signal.SIGINT, self._ask)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if (self._asked or self.late) and self.checkpoints.in_epoch:
            self.checkpoints.save()
            self._stop_if_asked()
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.over = self.late

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self.release()
        self._stop_if_asked()

    def release(self) -> None:
        """Let Ctrl-C do again what it did before."""
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)
            self._handler = None

    def _ask(self, signum: int, frame: types.FrameType | None) -> None:
        self._asked = True
        self.release()

    def _stop_if_asked(self) -> None:
        if self._asked:
            raise KeyboardInterrupt
