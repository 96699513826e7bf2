"""Stopping cleanly, at a time limit or when the user asks."""

from __future__ import annotations

import os
import signal
import threading
import time
import types
from typing import TYPE_CHECKING, Any

import keras

from tf_transformer.training.together import agreed, current_share

if TYPE_CHECKING:
    from tf_transformer.training.checkpoints import Checkpoints


class CleanStop(keras.callbacks.Callback):
    """Ends training between two steps, after saving a checkpoint.

    At the time limit, the epoch ends like any other: it is validated and scored. Ctrl-C, and
    SIGTERM from a cluster that needs the machine, raise `KeyboardInterrupt` at once, or at the end
    of the epoch if that has no steps left. A second Ctrl-C does not wait, and loses what came after
    the last checkpoint, but not the best model.

    Where several processes train together, all stop after the same step. It is one that none of
    them has passed when the first time limit is over, or when one process gets a signal.

    Args:
        checkpoints: saves the checkpoints; it must come before this callback.
        max_minutes: time limit, counted from now; 0 means none. Defaults to 0.
    """

    def __init__(self, checkpoints: Checkpoints, max_minutes: float = 0.0) -> None:
        super().__init__()
        self.checkpoints = checkpoints
        self.over = False  # whether the last epoch ended after the time limit
        self._deadline = time.monotonic() + 60 * max_minutes if max_minutes else float("inf")
        self._asked = False
        self._told = False  # whether the other processes know that this one must stop
        self._handlers: dict[signal.Signals, Any] = {}  # the usual ones, while others are set

    @property
    def late(self) -> bool:
        """Whether the time limit has passed."""
        return time.monotonic() > self._deadline

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if threading.current_thread() is threading.main_thread():
            self._handlers = {each: signal.signal(each, self._ask) for each in self._signals()}

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self._must_stop() and self.checkpoints.in_epoch:
            self.checkpoints.save()
            self._stop_if_asked()
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._asked, self.over = agreed(self._asked, self.late)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self.release()
        self._stop_if_asked()

    def release(self) -> None:
        """Restore the usual effect of Ctrl-C."""
        for each, handler in self._handlers.items():
            signal.signal(each, handler)
        self._handlers = {}

    def _signals(self) -> list[signal.Signals]:
        """Return the signals that stop training; of several processes, JAX catches SIGTERM."""
        is_alone = current_share().processes == 1
        return [signal.SIGINT, *([signal.SIGTERM] if is_alone else [])]

    def _must_stop(self) -> bool:
        """Whether all processes stop after this step, which they all ask at every step."""
        if current_share().processes == 1:
            return self._asked or self.late
        from jax.experimental import multihost_utils

        if (self._asked or self.late) and not self._told:
            self._told = True
            os.kill(os.getpid(), signal.SIGTERM)  # JAX catches it, and finds the step
        if not multihost_utils.reached_preemption_sync_point(self.checkpoints.step):
            return False
        self._asked, late = agreed(self._asked, self.late)
        self._asked |= not late  # the cluster asked
        return True

    def _ask(self, signum: int, frame: types.FrameType | None) -> None:
        self._asked = True
        self.release()

    def _stop_if_asked(self) -> None:
        if self._asked:
            raise KeyboardInterrupt
