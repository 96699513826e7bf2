"""Stopping in good order: at a time limit, or when the user asks."""

import signal
import threading
import time

import keras


class CleanStop(keras.callbacks.Callback):
    """Ends training between two steps.

    At the time limit the epoch is closed as any other: validated, scored and saved. Ctrl-C raises
    `KeyboardInterrupt` between two steps, so that weights and optimizer are whole.

    Args:
        max_minutes: time limit, counted from here; 0 for none. Defaults to 0.
    """

    def __init__(self, max_minutes=0.0):
        super().__init__()
        self.deadline = time.monotonic() + 60 * max_minutes if max_minutes else float("inf")
        self._asked = False
        self._handler = None

    def on_train_begin(self, logs=None):
        if threading.current_thread() is threading.main_thread():
            self._handler = signal.signal(signal.SIGINT, self._ask)

    def on_train_end(self, logs=None):
        self.release()
        self._stop_if_asked()

    def release(self):
        """Give Ctrl-C back to whom it belonged."""
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)
            self._handler = None

    def on_train_batch_end(self, batch, logs=None):
        self._stop_if_asked()
        if time.monotonic() > self.deadline:
            self.model.stop_training = True

    def on_test_batch_end(self, batch, logs=None):
        self._stop_if_asked()

    def _ask(self, signum, frame):
        self._asked = True

    def _stop_if_asked(self):
        if self._asked:
            raise KeyboardInterrupt
