"""What a classifier makes of some texts while it learns."""

import keras
import tensorflow as tf

from tf_transformer.tasks import map_texts
from tf_transformer.tensorboard.markdown_table import markdown_table


class ClassifiedSamples(keras.callbacks.Callback):
    """Classifies some texts after each epoch; the epoch of the best validation accuracy is best.

    Args:
        classifier: a `TextClassifier` of the model in training.
        texts: a sequence of strings.
        labels: the names of their classes.
    """

    monitor, title = "val_accuracy", "classes"

    def __init__(self, classifier, texts, labels):
        super().__init__()
        self.texts = texts
        self.labels = labels
        self.answers = {"label": [], "probability": []}
        self._classify = tf.function(
            classifier.classify,
            input_signature=[tf.TensorSpec([None], tf.string)],
            autograph=False,
        )

    def on_epoch_end(self, epoch, logs=None):
        self.answers = map_texts(self._classify, self.texts)

    def table(self, rows=8):
        """Return texts, their classes and what the model says, as a Markdown table."""
        shares = [f"{probability:.0%}" for probability in self.answers["probability"]]
        return markdown_table(
            ("text", "class", "answer", "probability"),
            (self.texts, self.labels, self.answers["label"], shares),
            rows,
        )
