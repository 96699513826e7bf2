"""What TensorBoard shows of a run."""

import keras
import tensorflow as tf


class TensorBoardLog(keras.callbacks.Callback):
    """Writes scalars of training and validation, and translations to read, for TensorBoard.

    Args:
        directory: of the event files, `train/` and `validation/` within.
        padding: share of padding in the batches.
        quality: the `TranslationQuality` that translates after each epoch.
        steps_between: how often to write while training. Defaults to 20.
    """

    def __init__(self, directory, padding, quality, steps_between=20):
        super().__init__()
        self.padding = padding
        self.quality = quality
        self.steps_between = steps_between
        self._train = tf.summary.create_file_writer(str(directory / "train"))
        self._validation = tf.summary.create_file_writer(str(directory / "validation"))

    def on_train_batch_end(self, batch, logs=None):
        if (batch + 1) % self.steps_between == 0:
            self._write_training(logs)

    def on_epoch_end(self, epoch, logs=None):
        step = self._step()
        with self._validation.as_default(step=step):
            for name, value in logs.items():
                if name.startswith("val_"):
                    tf.summary.scalar(name.removeprefix("val_"), value)
            tf.summary.text("translations", self._table())
        with self._train.as_default(step=step):
            tf.summary.scalar("tokens_per_second", logs["tokens_per_second"])
        self._validation.flush()
        self._train.flush()

    def _write_training(self, logs):
        with self._train.as_default(step=self._step()):
            for name, value in logs.items():
                tf.summary.scalar(name, value)
            tf.summary.scalar("learning_rate", self.model.optimizer.learning_rate)
            tf.summary.scalar("padding", self.padding)

    def _step(self):
        return int(self.model.optimizer.iterations)

    def _table(self, rows=8):
        """Return translations beside their references, as a Markdown table."""
        lines = ["source | translation | reference", "--- | --- | ---"]
        sources, targets = self.quality.pairs.sources, self.quality.pairs.targets
        for row in zip(sources[:rows], self.quality.translations, targets, strict=False):
            lines.append(" | ".join(text.replace("|", "\\|").replace("\n", " ") for text in row))
        return "\n".join(lines)
