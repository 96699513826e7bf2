"""Models assembled from `tf_transformer.layers`. They need only Keras."""

from tf_transformer.models.causal_lm import CausalLM
from tf_transformer.models.memory import Memory
from tf_transformer.models.rnn_translator import RNNTranslator
from tf_transformer.models.skip_gram import SkipGram
from tf_transformer.models.token_model import TokenModel, model_class
from tf_transformer.models.transformer import Transformer
from tf_transformer.models.transformer_classifier import TransformerClassifier

__all__ = [
    "CausalLM",
    "Memory",
    "RNNTranslator",
    "SkipGram",
    "TokenModel",
    "Transformer",
    "TransformerClassifier",
    "model_class",
]
