"""Models assembled from `tf_transformer.layers`. They need Keras alone."""

from tf_transformer.models.skip_gram import SkipGram
from tf_transformer.models.transformer import Transformer

__all__ = ["SkipGram", "Transformer"]
