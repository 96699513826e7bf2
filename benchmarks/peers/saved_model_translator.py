"""This package's SavedModel, loaded with TensorFlow only."""

import tensorflow as tf
import tensorflow_text  # noqa: F401  registers the tokenizer's operations


class SavedModelTranslator:
    """Strings in, strings out.

    Args:
        directory: directory of a version of the SavedModel.
    """

    def __init__(self, directory):
        self._model = tf.saved_model.load(directory)  # keeps alive what the signatures need
        self._translate = self._model.signatures["serving_default"]
        self._translate_beam = self._model.signatures["translate_beam"]

    def translate(self, sentences):
        """Return the greedy translations of a list of sentences."""
        return _texts(self._translate(tf.constant(sentences))["translation"])

    def translate_beam(self, sentences):
        """Return the best translations that beam search finds."""
        return _texts(self._translate_beam(tf.constant(sentences))["translations"][:, 0])


def _texts(translations):
    return [translation.decode() for translation in translations.numpy()]
