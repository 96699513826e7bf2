"""A profile of where training steps spend their time."""

from __future__ import annotations

import os
from typing import Any

import keras
import tensorflow as tf


class Profiler(keras.callbacks.Callback):
    """Records a few steps for TensorBoard's profiler, once, after some steps to warm up.

    Args:
        directory: directory of the run's event files.
        first: the first step to record, counted from 1, from the start or resumption of training.
            Defaults to 11.
        steps: number of steps to record. Defaults to 5.
    """

    def __init__(self, directory: str | os.PathLike, first: int = 11, steps: int = 5) -> None:
        super().__init__()
        self._directory = str(directory)
        self._first, self._last = first, first + steps - 1
        self._step = 0
        self._is_on = False
        self._mark: Any = None  # marks the start and end of a step for the profiler

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._step += 1
        if self._step == self._first:
            tf.profiler.experimental.start(self._directory)
            self._is_on = True
        if self._is_on:
            self._mark = tf.profiler.experimental.Trace("train", step_num=self._step, _r=1)
            self._mark.__enter__()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._end_step()
        if self._step == self._last:
            self._stop()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._stop()  # if the epoch has fewer steps

    def _end_step(self) -> None:
        if self._mark:
            self._mark.__exit__(None, None, None)
            self._mark = None

    def _stop(self) -> None:
        self._end_step()  # if it was interrupted
        if self._is_on:
            tf.profiler.experimental.stop()
            self._is_on = False
