"""The share of each batch that one of several processes reads."""

from __future__ import annotations

import dataclasses

import numpy as np
import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class Share:
    """The share of each batch that one of several processes reads, where they train together.

    A batch gets filler rows at its end, until it divides by the number of devices. Process p then
    reads the p-th of equal shares, in order. The shares of all processes, one after the other, are
    the batch of a process that trains alone, and so each row has the same dropout.

    Args:
        process: number of this process, from 0. Defaults to 0.
        processes: number of processes. Defaults to 1.
        devices: devices of all processes together. Each process has equally many. Defaults to 1.

    Example:
        ```python
        import tensorflow as tf
        from tf_transformer.data import Share

        rows = tf.constant([4, 7, 9])
        Share(process=1, processes=2, devices=2).of(rows, filler=0)  # [9, 0]
        ```
    """

    process: int = 0
    processes: int = 1
    devices: int = 1

    def of(self, rows: tf.Tensor, filler: int) -> tf.Tensor:
        """Return this process's share of a batch's rows.

        Args:
            rows: indices of the rows, `(rows,)`.
            filler: index of a row of padding.
        """
        count = tf.size(rows)
        size = self.size(count)
        filled = tf.pad(rows, [[0, size * self.processes - count]], constant_values=filler)
        return filled[self.process * size : (self.process + 1) * size]

    def of_array(self, rows: np.ndarray, count: int) -> np.ndarray:
        """Return this process's share of a batch of `count` rows; -1 stands for a filler."""
        size = self.size(count)
        filled = np.append(rows, np.full(size * self.processes - len(rows), -1))
        return filled[self.process * size : (self.process + 1) * size]

    def size(self, count: int | tf.Tensor) -> int | tf.Tensor:
        """Return the number of rows in the share of a batch of `count` rows, fillers included."""
        return -(-count // self.devices) * (self.devices // self.processes)


WHOLE = Share()
"""Whole batches, for a process that trains alone on one device."""
