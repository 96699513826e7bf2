"""Models assembled from `tf_transformer.layers`. They need Keras alone."""

from tf_transformer.models.rnn_translator import RNNTranslator
from tf_transformer.models.transformer import Transformer

__all__ = ["RNNTranslator", "Transformer"]
