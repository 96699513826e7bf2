"""Text to class: tokenizer and classifier in one graph."""

import tensorflow as tf

from tf_transformer.tasks.bucketing import in_batches
from tf_transformer.tasks.untracked import Untracked
from tf_transformer.text.tokenizer import END


class TextClassifier(tf.Module):
    """Classifies batches of strings with a trained model.

    What stands beside a row changes nothing about it. A text longer than the model takes is cut.

    Args:
        model: a `TransformerClassifier`.
        tokenizer: a `Tokenizer`.
        classes: names of the classes.
    """

    def __init__(self, model, tokenizer, classes):
        super().__init__(name="text_classifier")
        self.tokenizer = tokenizer
        self.max_length = model.config.max_length
        self._classes = tf.constant(classes)
        self._model = Untracked(model)
        self.weights = [variable.value for variable in model.weights]

    def classify(self, text):
        """Classify texts.

        Args:
            text: string `(batch,)` of any bytes.

        Returns:
            `label`, string `(batch,)`; `probability`, float32 `(batch,)`, its own; `probabilities`,
            float32 `(batch, classes)`, in the order of the classes.
        """
        tokens = self.tokenizer.tokenize(text)[:, : self.max_length - 1]
        tokens = tf.concat([tokens, tf.fill([tokens.nrows(), 1], END)], axis=1)
        some = tf.concat([tokens, tf.fill([1, 1], END)], axis=0)  # the last one is nobody's

        def answer(rows):
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
