"""From text to class: tokenizer and classifier in one graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

import keras
import tensorflow as tf

from tf_transformer.errors import UserError, counted
from tf_transformer.tasks.bucketing import in_batches
from tf_transformer.tasks.classifying import Classifying
from tf_transformer.tasks.task import TEXT, Task
from tf_transformer.text.cleaning import clean_text
from tf_transformer.text.tokenizer import END, Tokenizer


class TextClassifier(Classifying, Task):
    """Classifies texts with a trained model.

    Other rows change nothing about a row. A text that is too long for the model is cut.

    Args:
        model: a `TransformerClassifier`.
        tokenizer: its `Tokenizer`.
        classes: names of the classes.

    Raises:
        UserError: if the model has a different number of classes.

    Example:
        ```python
        import tf_transformer as tft
        from tf_transformer.text import Characters

        tokenizer = Characters.train(["good", "bad"], vocab_size=50)
        config = tft.ClassifierConfig(vocab_size=tokenizer.vocab_size, num_classes=2)
        model = tft.TransformerClassifier(config)
        classify = tft.TextClassifier(model, tokenizer, ["no", "yes"])
        classify("good")  # either class: it has learned nothing
        classify(["good", "bad"], details=True)[0]["probabilities"]  # two numbers
        ```
    """

    inputs: ClassVar = {"classify": [TEXT]}

    def __init__(self, model: keras.Model, tokenizer: Tokenizer, classes: Sequence[str]) -> None:
        super().__init__(model, "text_classifier")
        if len(classes) != model.config.num_classes:
            count = counted(model.config.num_classes, "class", "classes")
            raise UserError(
                f"the model tells {count} apart, but there "
                f"{'is' if len(classes) == 1 else 'are'} {counted(len(classes), 'name')} for them."
            )
        self.tokenizer = tokenizer
        self._classes = tf.constant(classes)

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, in the order of the probabilities."""
        return tuple(name.decode() for name in self._classes.numpy())

    def classify(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Classify texts.

        Args:
            text: string `(batch,)` of any bytes.

        Returns:
            `label`, string `(batch,)`; `probability`, float32 `(batch,)`, that of the label;
            `probabilities`, float32 `(batch, classes)`, in the order of the classes.
        """
        tokens = self.tokenizer.tokenize(clean_text(text))[:, : self.max_length - 1]
        tokens = tf.concat([tokens, tf.fill([tokens.nrows(), 1], END)], axis=1)
        some = tf.concat([tokens, tf.fill([1, 1], END)], axis=0)  # the last belongs to no row

        def answer(rows: tf.Tensor) -> dict[str, tf.Tensor]:
            logits = self._model()(tf.gather(some, rows).to_tensor())
            return {"probabilities": tf.nn.softmax(logits)}

        lengths = tf.cast(tokens.row_lengths(), tf.int32)
        spec = {"probabilities": tf.TensorSpec([None, self._classes.shape[0]], tf.float32)}
        probabilities = in_batches(answer, lengths, spec)["probabilities"]
        return {
            "label": tf.gather(self._classes, tf.argmax(probabilities, axis=1)),
            "probability": tf.reduce_max(probabilities, axis=1),
            "probabilities": probabilities,
        }

    def served(self) -> tuple[tf.Module, dict[str, Callable]]:
        """Return the contents of this classifier's SavedModel, and its signatures by name.

        - `serving_default`: from strings `(batch,)`, `text`, to `label`, `probability` and
          `probabilities`

        Loaded in Python, it also has the functions `classify(text)` and `classes()`.
        """
        served = tf.Module()
        served.classifier = self  # tracked, so that weights and vocabulary are saved
        served.classify = self.graph("classify")
        served.classes = tf.function(lambda: self._classes, input_signature=[], autograph=False)
        return served, {"serving_default": served.classify}
