"""The end of a training whose loss is no longer a number."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

import keras

from tf_transformer.errors import UserError

if TYPE_CHECKING:
    from tf_transformer.config import TrainingConfig
    from tf_transformer.training.checkpoints import Checkpoints


class DivergedError(UserError):
    """A training that was stopped because its loss was NaN or infinite."""

    @classmethod
    @contextlib.contextmanager
    def advice(cls, words: str) -> Iterator[None]:
        """Add advice to such an error raised in the block.

        Args:
            words: the advice, a sentence.
        """
        try:
            yield
        except cls as error:
            raise cls(f"{error} {words}") from error


class DivergenceGuard(keras.callbacks.Callback):
    """Stops training at the step or validation whose loss is NaN or infinite.

    The result of that step is not kept, neither as the best model nor in a checkpoint. A step that
    loss scaling skips has infinite gradients but a finite loss: training continues.

    Args:
        checkpoints: saves the checkpoints; it must come after this callback.
        config: configuration of the training, for the advice.
    """

    def __init__(self, checkpoints: Checkpoints, config: TrainingConfig) -> None:
        super().__init__()
        self._checkpoints = checkpoints
        self._config = config

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._first_step = self._checkpoints.step

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._require_finite("loss", logs["loss"], self._first_step + batch + 1)

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        self._require_finite("validation loss", logs["loss"], self._checkpoints.step)

    def _require_finite(self, name: str, loss: float, step: int) -> None:
        if not math.isfinite(loss):
            self._stop(name, loss, step)

    def _stop(self, name: str, loss: float, step: int) -> NoReturn:
        rate = self.model.optimizer.learning_rate
        limit = "" if self._config.clip_norm else ", or set clip_norm=1"
        raise DivergedError(
            f"the {name} is {'NaN' if math.isnan(loss) else 'infinite'} at step {step:,}: training "
            f"has stopped, and these weights are not kept. Lower the learning_rate (it was "
            f"{float(rate):.3g} there){limit}."
        )
