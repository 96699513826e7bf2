"""What TensorBoard shows of a run."""

import math

import keras
import tensorflow as tf

from tf_transformer.training.checkpoints import sync_variables


class TensorBoardLog(keras.callbacks.Callback):
    """Writes scalars of training and validation, and translations to read, for TensorBoard.

    Args:
        directory: of the event files, `train/` and `validation/` within.
        padding: share of padding in the batches.
        quality: the `TranslationQuality` that translates after each epoch, or `None`.
        steps_per_epoch: batches in an epoch; a call of `fit` may train the last of them alone.
        steps_between: how often to write while training. Defaults to 20.
    """

    def __init__(self, directory, padding, quality, steps_per_epoch, steps_between=20):
        super().__init__()
        self.padding = padding
        self.quality = quality
        self.steps_per_epoch = steps_per_epoch
        self.steps_between = steps_between
        self._train = tf.summary.create_file_writer(str(directory / "train"))
        self._validation = tf.summary.create_file_writer(str(directory / "validation"))

    def on_epoch_begin(self, epoch, logs=None):
        self._first_step = self.steps_per_epoch - self.params["steps"]
        self._steps, self._means = self._first_step, self.model.get_metrics_result()
        self._written_steps, self._written_sums = self._steps, self._sums()

    def on_train_batch_end(self, batch, logs=None):
        self._steps, self._means = self._first_step + batch + 1, logs
        if self._steps % self.steps_between == 0:
            self._write_training()

    def on_epoch_end(self, epoch, logs=None):
        if self._steps > self._written_steps:
            self._write_training()
        with self._train.as_default(step=self._step()):
            tf.summary.scalar("tokens_per_second", logs["tokens_per_second"])
        validation = {name: value for name, value in logs.items() if name.startswith("val_")}
        with self._validation.as_default(step=self._step()):
            for name, value in validation.items():
                tf.summary.scalar(name.removeprefix("val_"), value)
            if self.quality:
                tf.summary.text("translations", self._table())
        self._validation.flush()
        self._train.flush()

    def _write_training(self):
        sync_variables(self.model)
        with self._train.as_default(step=self._step()):
            for name, mean in self._recent_means().items():
                tf.summary.scalar(name, mean)
            tf.summary.scalar("learning_rate", self.model.optimizer.learning_rate)
            tf.summary.scalar("padding", self.padding)

    def _recent_means(self):
        """Return the means over the steps since the last writing.

        Keras's are over the epoch so far, and would draw a stair with a step an epoch. Perplexity
        is a mean of logarithms.
        """
        sums, steps = self._sums(), self._steps - self._written_steps
        means = {name: (sums[name] - self._written_sums[name]) / steps for name in sums}
        self._written_steps, self._written_sums = self._steps, sums
        return means | {"perplexity": math.exp(means["perplexity"])}

    def _sums(self):
        return {
            name: self._steps * (math.log(mean) if name == "perplexity" else mean)
            for name, mean in self._means.items()
        }

    def _step(self):
        return int(self.model.optimizer.iterations)

    def _table(self, rows=8):
        """Return translations beside their references, as a Markdown table."""
        lines = ["source | translation | reference", "--- | --- | ---"]
        sources, targets = self.quality.pairs.sources, self.quality.pairs.targets
        for row in zip(sources[:rows], self.quality.translations, targets, strict=False):
            lines.append(" | ".join(text.replace("|", "\\|").replace("\n", " ") for text in row))
        return "\n".join(lines)
