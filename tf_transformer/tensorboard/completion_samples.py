"""Completing prompts while a language model learns: texts to read."""

import keras
import tensorflow as tf

from tf_transformer.tasks import map_texts
from tf_transformer.tensorboard.markdown_table import markdown_table


class CompletionSamples(keras.callbacks.Callback):
    """Completes some prompts after each epoch; the least validation loss is best.

    Args:
        completer: a `Completer` of the model in training.
        prompts: a sequence of strings.
        max_tokens: of each completion. Defaults to 100.
        temperature: of the draws, the same in each epoch. Defaults to 0.8.
    """

    monitor, title = "val_loss", "completions"

    def __init__(self, completer, prompts, max_tokens=100, temperature=0.8):
        super().__init__()
        self.prompts = prompts
        self.completions = []
        self._complete = tf.function(
            lambda prompt: completer.complete(prompt, max_tokens, temperature=temperature),
            input_signature=[tf.TensorSpec([None], tf.string)],
            autograph=False,
        )

    def on_epoch_end(self, epoch, logs=None):
        self.completions = map_texts(self._complete, self.prompts)["completion"]

    def table(self, rows=8):
        """Return prompts and their completions, as a Markdown table."""
        return markdown_table(("prompt", "completion"), (self.prompts, self.completions), rows)
