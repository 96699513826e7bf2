"""Translating while training: BLEU, and translations to read."""

import keras
import tensorflow as tf

from tf_transformer.evaluation import score
from tf_transformer.tasks import map_texts
from tf_transformer.tensorboard.markdown_table import markdown_table


class TranslationQuality(keras.callbacks.Callback):
    """Translates a sample of sentences after each epoch; adds `val_bleu` to the logs.

    Args:
        translator: a `Translator` of the model in training.
        pairs: a `Pairs`: sentences and their references.
        tokenize: how sacreBLEU splits words. Defaults to `"13a"`.
    """

    monitor, title = "val_bleu", "translations"

    def __init__(self, translator, pairs, tokenize="13a"):
        super().__init__()
        self.pairs = pairs
        self.tokenize = tokenize
        self.translations = []
        self._translate = tf.function(
            translator.translate,
            input_signature=[tf.TensorSpec([None], tf.string)],
            autograph=False,
        )

    def on_epoch_end(self, epoch, logs=None):
        answers = map_texts(self._translate, self.pairs.sources)
        self.translations = answers["translation"]
        logs["val_bleu"] = score(self.translations, self.pairs.targets, self.tokenize).bleu

    def table(self, rows=8):
        """Return translations beside their references, as a Markdown table."""
        columns = (self.pairs.sources, self.translations, self.pairs.targets)
        return markdown_table(("source", "translation", "reference"), columns, rows)
