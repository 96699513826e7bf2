"""Checkpoints: all that a run needs to resume, and its best model."""

from __future__ import annotations

import copy
import json
import math
import os
import re
import textwrap
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

import tf_transformer.models  # noqa: F401  registers the classes that checkpoints name
from tf_transformer.backend import process_index, sync_variables, undistributed
from tf_transformer.errors import UserError, counted
from tf_transformer.files import replacing, write_json
from tf_transformer.training.beside import AtOnce, Beside
from tf_transformer.training.held_model import HeldModel
from tf_transformer.training.snapshots import Snapshots, flush_to_disk
from tf_transformer.training.time_share import TimeShare

_UNREADABLE = (OSError, LookupError, TypeError, ValueError, AttributeError)


class Checkpoints(keras.callbacks.Callback):
    """Saves checkpoints and the best model; ends training when models stop improving.

    A checkpoint holds all that training changes: the curve, and every variable of the model
    (including the state of its dropout), of the optimizer and of the metrics. A run that is killed
    at any moment resumes from it as if nothing had happened: see `resume`. Each call of `fit`
    trains one epoch, or the rest of one.

    The best model is a `.keras` file. `checkpoints.json` names it, and holds the curve.

    If epochs are short, or models large, there is no checkpoint after each epoch: writing takes at
    most a `share` of the time. Which model is best is still decided after each epoch. It is held in
    memory until the next checkpoint, at the latest until `finish`.

    Where several processes train together, only process 0 writes. The others read the same files to
    resume, and know the same best model.

    Args:
        directory: where checkpoints go. If it already has a best model, that one is kept.
        monitor: entry of the epoch's logs that tells which model is best. A loss (`"…loss"`) is
            better when lower, anything else when higher. Defaults to `"val_bleu"`.
        patience: epochs without improvement after which training stops; 0 means never. Defaults to
            0.
        minutes: time between checkpoints within an epoch; 0 means only at its end. Defaults to 0.
        others: further variables that training changes, besides those of the model, its optimizer
            and its metrics. Defaults to none.
        share: largest share of the time that writing may take; the next checkpoint waits for it.
            Defaults to 1: none waits.
        beside: whether a thread writes checkpoints, beside the training, which then waits only
            while their values are copied, and for a new best model. `finish` waits for the thread.
            Defaults to `False`.

    Example:
        ```python
        import tf_transformer as tft

        checkpoints = tft.training.Checkpoints("runs/pt_en/checkpoints", patience=3)
        checkpoints.best  # the path of the best model; None before the first one is written
        ```
    """

    def __init__(
        self,
        directory: str | os.PathLike,
        monitor: str = "val_bleu",
        patience: int = 0,
        minutes: float = 0.0,
        others: Sequence[keras.Variable] = (),
        share: float = 1.0,
        beside: bool = False,
    ) -> None:
        super().__init__()
        self.directory = Path(directory)
        self.monitor = monitor
        self.patience = patience
        self.others = others
        self._writes = process_index() == 0
        self.step = 0  # batches trained on so far, in all epochs
        self._seconds = 60 * minutes or float("inf")
        self._due = float("inf")  # when the next checkpoint within an epoch comes
        self._writing = TimeShare(share)
        self._may_write = True  # whether there was time to write when the epoch ended
        self._put_off = False  # whether that epoch has no checkpoint yet
        self._held = HeldModel()  # the best model, if it is not written yet
        self._snapshots = Snapshots(self.directory)
        self._beside = Beside() if beside else AtOnce()
        self._arrays: list[np.ndarray] | None = None  # values to restore
        self._start_clocks()
        self._index_path = self.directory / "checkpoints.json"
        self._index: dict[str, Any] = {"best": None, "epochs": []}
        if self._index_path.exists() or any(self.directory.glob("step-*/manifest.json")):
            try:
                self._index |= json.loads(self._index_path.read_text(encoding="utf-8"))
            except (FileNotFoundError, ValueError, TypeError) as error:
                self._index = self._kept_index(error)

    @property
    def best(self) -> Path | None:
        """Path of the best model that is written, or `None` before the first one is."""
        name = self._index["best"]
        return self.directory / name if name else None

    @property
    def epochs(self) -> list[dict[str, Any]]:
        """Logs of all epochs so far, each with its `epoch` (from 1), `step` and minutes."""
        return self._index["epochs"]

    @property
    def best_epoch(self) -> dict[str, Any]:
        """Logs of the best model's epoch: of several equal ones, that of the lowest loss."""
        sign = -1 if self.monitor.endswith("loss") else 1

        def goodness(logs: dict[str, Any]) -> tuple[bool, float, float]:
            watched, loss = logs[self.monitor], logs.get("val_loss", 0.0)
            return math.isfinite(watched) and math.isfinite(loss), sign * watched, -loss

        return max(self.epochs, key=goodness)

    @property
    def minutes(self) -> float:
        """Minutes of training so far, including those before the run was resumed."""
        return (time.monotonic() - self._started) / 60

    @property
    def cpu_minutes(self) -> float:
        """Minutes of processor time so far, all cores together."""
        return (time.process_time() - self._cpu_started) / 60

    @property
    def in_epoch(self) -> bool:
        """Whether the epoch has steps left."""
        return self.step < self._first_step + self.params["steps"]

    @property
    def out_of_patience(self) -> bool:
        """Whether training should end because the best model is too long ago."""
        since_best = len(self.epochs) - self.epochs.index(self.best_epoch) if self.epochs else 0
        return since_best > self.patience > 0

    def resume(self, data: str) -> None:
        """Read the newest undamaged checkpoint, if there is one, and print where training stands.

        The variables get their values when `fit` begins the next epoch.

        Args:
            data: description of the batches. Batches with another description are refused.

        Raises:
            UserError: if all checkpoints are damaged or belong to other batches.
        """
        self._data = data
        self._start_clocks()
        found = self._snapshots.newest()
        if not found:
            if self.epochs:
                raise UserError(f"{self.directory} has a best model, but no checkpoint to resume.")
            return
        self._arrays, progress = found
        if _without_plurals(progress["data"]) != _without_plurals(data):
            raise UserError(
                f"this run was trained on other batches ({progress['data']}) than these ({data}): "
                "resume it with the text and the settings that it started with."
            )
        self.step = progress["step"]
        self._index = progress["index"]
        self._start_clocks(progress["minutes"], progress.get("cpu_minutes", 0.0))
        if self.step:
            print(
                f"Resumed after step {self.step:,}: trained for {self.minutes:.1f} minutes so far."
            )

    def save(self) -> None:
        """Save a checkpoint, unless this step has one or a variable is NaN or infinite.

        The best model is written first, if it is held in memory.
        """
        self._save_beside()
        self._beside.wait()

    def finish(self) -> None:
        """Write what was put off, at the end of a training: the best model and the last epoch."""
        if self._put_off:
            self.save()
        else:
            self._write_held()
        self._beside.wait()

    def _save_beside(self) -> None:
        """Save a checkpoint as `save` does, without waiting until it is written."""
        with self._writing.spent():
            self._write_held()
            write = self._copied() if self._writes else None
        if write:
            self._beside.start(write)
        self._due = time.monotonic() + self._seconds
        self._put_off = False

    def _copied(self) -> Callable[[], None] | None:
        """Copy all values; return what writes them, or `None` if one of them is NaN or infinite."""
        sync_variables(self.model)
        arrays = [ops.convert_to_numpy(variable) for variable in self._variables()]
        if not all(map(_is_finite, arrays)):
            return None  # this checkpoint would be useless: the next loss stops the training
        best = self._index["best"]
        progress = {
            "step": self.step,
            "minutes": self.minutes,
            "cpu_minutes": self.cpu_minutes,
            "data": self._data,
            "index": copy.deepcopy(self._index),
        }
        step, needs = self.step, [best] if best else []
        self._write_index()

        def write() -> None:
            with self._writing.spent():
                self._snapshots.save(step, arrays, progress, needs)

        return write

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self._arrays:  # not earlier, because Keras resets the metrics first
            self._restore()
        elif self.step == 0:
            self._save_beside()  # so that there is always one to fall back on
        self._first_step = self.step
        self._put_off = False
        self._due = min(self._due, time.monotonic() + self._seconds)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.step = self._first_step + batch + 1
        # At its last step, an epoch is not complete yet, but there is nothing left to train.
        is_due = time.monotonic() >= self._due and self._writing.may_begin and self._beside.is_done
        if is_due and self.in_epoch:
            self._save_beside()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = {name: float(value) for name, value in (logs or {}).items()}
        clocks = {"minutes": round(self.minutes, 3), "cpu_minutes": round(self.cpu_minutes, 3)}
        self.epochs.append({"epoch": epoch + 1, "step": self.step, **clocks, **logs})
        best = self.best_epoch
        self._beside.wait()
        self._may_write = self._writing.may_begin
        with self._writing.spent():
            if best is self.epochs[-1]:
                self._keep_best()
            self._write_index()
        if self.out_of_patience:
            print(
                f"\nNo better {self.monitor} than {best[self.monitor]:.2f} (epoch {best['epoch']}) "
                f"in {counted(self.patience, 'epoch')}: training stops."
            )

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        # An epoch that was cut short is in the curve until the run resumes, but in no checkpoint.
        if self.in_epoch:
            self._write_held()
            return
        self.model.reset_metrics()  # those of validation
        self._put_off = True
        if self._may_write:
            self._save_beside()

    def _kept_index(self, error: Exception) -> dict[str, Any]:
        """Return the index of the newest undamaged checkpoint, to replace a damaged one."""
        found = self._snapshots.newest()
        if not found:
            raise UserError(f"{self._index_path} is damaged: {error}.") from error
        print(f"{self._index_path} is damaged: going back to that of the newest checkpoint.")
        return found[1]["index"]

    def _start_clocks(self, minutes: float = 0.0, cpu_minutes: float = 0.0) -> None:
        """Start counting time, with some minutes already spent."""
        self._started = time.monotonic() - 60 * minutes
        self._cpu_started = time.process_time() - 60 * cpu_minutes

    def _keep_best(self) -> None:
        """Write the model, which is the best so far, or hold a copy in memory for now."""
        name = f"step-{self.step:07d}.keras"
        if self._may_write:
            self._write_model(self.model, name)
            return
        self._held.hold(name, self.model if self._writes else None)

    def _write_held(self) -> None:
        """Write the best model, if it is held in memory."""
        if self._held.name:
            self._write_model(self._held.model, self._held.name)
            self._write_index()

    def _write_model(self, model: keras.Model | None, name: str) -> None:
        if self._writes:
            self._beside.wait()  # it removes what it does not know
            with replacing(self.directory / name) as path, undistributed():
                model.save(path)
                flush_to_disk(path)
        self._held.let_go()
        self._index["best"] = name

    def _write_index(self) -> None:
        if self._writes:
            self._beside.wait()  # it removes what it does not know
            write_json(self._index_path, self._index)

    def _variables(self) -> list[keras.Variable]:
        model = self.model
        return [
            *model.variables,
            *model.optimizer.variables,
            *model.metrics_variables,
            *self.others,
        ]

    def _restore(self) -> None:
        variables = self._variables()
        if [v.shape for v in variables] != [array.shape for array in self._arrays]:
            raise UserError(f"{self.directory} holds checkpoints of another model or optimizer.")
        for variable, array in zip(variables, self._arrays, strict=True):
            variable.assign(array)
        self._arrays = None


def _is_finite(array: np.ndarray) -> bool:
    return array.dtype.kind in "biuSU" or bool(np.isfinite(array.astype("float32")).all())


def _without_plurals(text: str) -> str:
    """Strip the endings of plurals: older runs say "1 batches", newer ones "1 batch"."""
    return re.sub(r"[es]+\b", "", text)


def load_model(path: str | os.PathLike) -> keras.Model:
    """Load a model from a `.keras` file, compiled as it was, optimizer included.

    It is `keras.models.load_model` with a clear message if a file cannot be loaded. Code in the
    file is never run.

    Args:
        path: path of a `.keras` file.

    Raises:
        UserError: if the file is missing or damaged, if it contains code, or if it names a class
            that is neither Keras's nor registered.
    """
    try:
        return keras.models.load_model(path, safe_mode=True)
    except (*_UNREADABLE, zipfile.BadZipFile) as error:
        reason = textwrap.shorten(str(error), 200, placeholder=" …")
        raise UserError(f"{path} cannot be loaded: {reason}") from error
