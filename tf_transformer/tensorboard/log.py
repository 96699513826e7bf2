"""The log of a run for TensorBoard."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf
from keras import ops

from tf_transformer.backend import process_index, sync_variables
from tf_transformer.tensorboard.attention_images import AttentionImages
from tf_transformer.tensorboard.gradient_norm import GradientNorm
from tf_transformer.tensorboard.hparams import write_hparams
from tf_transformer.tensorboard.markdown_table import escape_markdown
from tf_transformer.tensorboard.samples import Samples

if TYPE_CHECKING:
    from tf_transformer.config import TrainingConfig

_IS_TENSORFLOW = keras.backend.backend() == "tensorflow"  # others have no graph to show or watch


class TensorBoardLog(keras.callbacks.Callback):
    """Writes the progress of training and validation for TensorBoard, with samples and images.

    When training begins, it writes the graph of the model. It writes the norm of the gradient if
    the optimizer is one of `tf_transformer.optimizers`.

    Where several processes train together, all compute the same, and process 0 alone writes it.

    Args:
        directory: directory of the event files, with `train/` and `validation/`.
        padding: share of padding in the batches.
        steps_per_epoch: batches in an epoch; a call of `fit` may train only the last of them.
        inputs: the model's inputs, as `tf.TensorSpec`s.
        samples: samples to write after each epoch; they must come before this callback. Defaults to
            none.
        images: images to draw after each epoch, or less often if they take long. Defaults to none.
        is_last: returns whether the epoch that ends is the last, when images are always drawn.
            Defaults to never.
        histograms: whether to write histograms of all weights after each epoch. Defaults to
            `False`.
        steps_between: training steps between two writes. Defaults to 20.
    """

    def __init__(
        self,
        directory: Path,
        *,
        padding: float,
        steps_per_epoch: int,
        inputs: Any,
        samples: Samples | None = None,
        images: AttentionImages | None = None,
        is_last: Callable[[], bool] = lambda: False,
        histograms: bool = False,
        steps_between: int = 20,
    ) -> None:
        super().__init__()
        self.padding = padding
        self.steps_per_epoch = steps_per_epoch
        self.inputs = inputs
        self.samples = samples
        self.images = images
        self.is_last = is_last
        self.histograms = histograms
        self.steps_between = steps_between
        self._gradient_norm: GradientNorm | None = None
        self._name = "/".join(directory.absolute().parts[-3:-1])  # of the run
        self._train = _writer(directory / "train")
        self._validation = _writer(directory / "validation")

    def write_hparams(self, model: keras.Model, config: TrainingConfig) -> None:
        """Write this run's row of the table of all runs, with its configuration.

        Args:
            model: a model with a `config`.
            config: configuration of its training.
        """
        write_hparams(self._validation, self._name, model, config)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if _IS_TENSORFLOW:
            self._gradient_norm = GradientNorm.of(self.model.optimizer)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self._step() == 0 and _IS_TENSORFLOW:
            self._write_graph()
        self._first_step = self.steps_per_epoch - self.params["steps"]
        self._steps, self._means = self._first_step, self.model.get_metrics_result()
        self._written_steps, self._written_sums = self._steps, self._sums()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._steps, self._means = self._first_step + batch + 1, logs
        if self._steps % self.steps_between == 0:
            self._write_training()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self._steps > self._written_steps:
            self._write_training()
        with self._train.as_default(step=self._step()):
            tf.summary.scalar("tokens_per_second", logs["tokens_per_second"])
        validation = {name: value for name, value in logs.items() if name.startswith("val_")}
        with self._validation.as_default(step=self._step()):
            for name, value in validation.items():
                tf.summary.scalar(name.removeprefix("val_"), value)
            if self.samples:
                tf.summary.text(self.samples.title, self.samples.table())
            if self.images:
                self._write_images()
            if self.histograms:
                self._write_histograms()
        self._validation.flush()
        self._train.flush()

    def _write_training(self) -> None:
        sync_variables(self.model)
        with self._train.as_default(step=self._step()):
            for name, mean in self._recent_means().items():
                tf.summary.scalar(name, mean)
            if self._gradient_norm:
                tf.summary.scalar("gradient_norm", self._gradient_norm.mean())
            tf.summary.scalar("learning_rate", self.model.optimizer.learning_rate)
            tf.summary.scalar("padding", self.padding)

    def _write_graph(self) -> None:
        """Write the model's computation, as TensorFlow sees it."""
        call = tf.function(lambda inputs: self.model(inputs), [self.inputs], autograph=False)
        with self._train.as_default():
            tf.summary.graph(call.get_concrete_function().graph)

    def _write_images(self) -> None:
        images = self.images.draw(at_once=self.is_last())
        for number, (text, image) in enumerate(images.items(), start=1):
            description = escape_markdown(text)
            tf.summary.image(f"attention/{number}", image[None], description=description)

    def _write_histograms(self) -> None:
        for weight in self.model.trainable_weights:
            _, _, path = weight.path.partition("/")  # without the model's own name
            tf.summary.histogram(f"weights/{path}", ops.convert_to_numpy(weight))

    def _recent_means(self) -> dict[str, float]:
        """Return the means over the steps since the last write.

        Keras's means are over the epoch so far, and would draw stairs with one stair for each
        epoch. Perplexity is a mean of logarithms.
        """
        sums, steps = self._sums(), self._steps - self._written_steps
        means = {name: (sums[name] - self._written_sums[name]) / steps for name in sums}
        self._written_steps, self._written_sums = self._steps, sums
        return {n: math.exp(mean) if n == "perplexity" else mean for n, mean in means.items()}

    def _sums(self) -> dict[str, float]:
        return {
            name: self._steps * (math.log(mean) if name == "perplexity" else mean)
            for name, mean in self._means.items()
        }

    def _step(self) -> int:
        return int(self.model.optimizer.iterations)


def _writer(directory: Path) -> tf.summary.SummaryWriter:
    if process_index():
        return tf.summary.create_noop_writer()
    return tf.summary.create_file_writer(str(directory))
