"""Stopping in good order: at a time limit, or when the user asks."""

import signal
import threading
import time

import keras


class CleanStop(keras.callbacks.Callback):
    """Ends training between two steps, where a checkpoint is saved.

    At the time limit the epoch is closed as any other: validated and scored. Ctrl-C raises
    `KeyboardInterrupt` at once, or when the epoch is closed if it has no steps left. Who cannot
    wait for that presses Ctrl-C again, and loses what came after the last checkpoint.

    Args:
        checkpoints: the `Checkpoints` that save; before this among the callbacks.
        max_minutes: time limit, counted from here; 0 for none. Defaults to 0.
    """

    def __init__(self, checkpoints, max_minutes=0.0):
        super().__init__()
        self.checkpoints = checkpoints
        self._deadline = time.monotonic() + 60 * max_minutes if max_minutes else float("inf")
        self._asked = False
        self._handler = None

    @property
    def late(self):
        """Whether the time limit is over."""
        return time.monotonic() > self._deadline

    def on_train_begin(self, logs=None):
        if threading.current_thread() is threading.main_thread():
            self._handler = signal.signal(signal.SIGINT, self._ask)

    def on_train_batch_end(self, batch, logs=None):
        if (self._asked or self.late) and self.checkpoints.in_epoch:
            self.checkpoints.save()
            self._stop_if_asked()
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        self.release()
        self._stop_if_asked()

    def release(self):
        """Give Ctrl-C back to whom it belonged."""
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)
            self._handler = None

    def _ask(self, signum, frame):
        self._asked = True
        self.release()

    def _stop_if_asked(self):
        if self._asked:
            raise KeyboardInterrupt
