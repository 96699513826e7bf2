"""Keeping the last and the best model."""

import json
import zipfile
from pathlib import Path

import keras

import tf_transformer.models  # noqa: F401  registers the classes that checkpoints name
from tf_transformer.errors import UserError
from tf_transformer.files import replacing, write_json


class Checkpoints(keras.callbacks.Callback):
    """Saves the model after each epoch, keeps the last and the best, and stops when none is better.

    A checkpoint is a `.keras` file, optimizer included. `checkpoints.json` names those that count
    and is written last: whatever interrupts a save, the one before stays.

    Args:
        directory: where checkpoints go; those that are there are taken up.
        monitor: entry of the epoch's logs that says which model is best; more is better. Defaults
            to `"val_bleu"`.
        patience: stop after so many epochs without a better one; 0 for never. Defaults to 0.
    """

    def __init__(self, directory, monitor="val_bleu", patience=0):
        super().__init__()
        self.directory = Path(directory)
        self.monitor = monitor
        self.patience = patience
        self._index_path = self.directory / "checkpoints.json"
        self._index = {"last": None, "best": None, "epochs": []}
        if self._index_path.exists():
            try:
                self._index |= json.loads(self._index_path.read_text(encoding="utf-8"))
            except (ValueError, TypeError) as error:
                raise UserError(f"{self._index_path} is damaged: {error}.") from error

    @property
    def last(self):
        """Path of the last checkpoint, or `None`."""
        return self._path("last")

    @property
    def best(self):
        """Path of the best checkpoint: the last one while no epoch is scored; or `None`."""
        return self._path("best") or self.last

    @property
    def epochs(self):
        """The logs of all epochs so far, each with its `epoch`, from 1, and `step`."""
        return self._index["epochs"]

    def on_epoch_end(self, epoch, logs=None):
        logs = {name: float(value) for name, value in (logs or {}).items()}
        step = int(self.model.optimizer.iterations)
        self.epochs.append({"epoch": epoch + 1, "step": step, **logs})
        best = max(self.epochs, key=lambda logs: (logs[self.monitor], -logs.get("val_loss", 0.0)))
        self.save(best=best is self.epochs[-1])
        if self.patience and len(self.epochs) - self.epochs.index(best) > self.patience:
            print(
                f"\nNo better {self.monitor} than {best[self.monitor]:.2f} (epoch {best['epoch']}) "
                f"in {self.patience} epochs: training ends."
            )
            self.model.stop_training = True

    def save(self, best=False):
        """Save the model as the last checkpoint, and as the best one if it is."""
        name = f"step-{int(self.model.optimizer.iterations):07d}.keras"
        with replacing(self.directory / name) as path:
            self.model.save(path)
        self._index["last"] = name
        if best:
            self._index["best"] = name
        write_json(self._index_path, self._index)
        for path in self.directory.glob("*.keras"):
            if path.name not in (self._index["last"], self._index["best"]):
                path.unlink()

    def _path(self, which):
        name = self._index[which]
        return self.directory / name if name else None


def load_model(path):
    """Load a model from a checkpoint, compiled as it was, optimizer included.

    As `keras.models.load_model`, with all classes of this package at hand.

    Args:
        path: of a `.keras` file.

    Raises:
        UserError: if the file is missing or damaged.
    """
    try:
        return keras.models.load_model(path)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} cannot be loaded: {str(error).splitlines()[0]}") from error
