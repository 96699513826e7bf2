"""The Transformer's parts, each usable in any Keras model. They need only Keras."""

from tf_transformer.layers.additive_attention import AdditiveAttention
from tf_transformer.layers.attention import MultiHeadAttention
from tf_transformer.layers.cache import Cache, KeysValues
from tf_transformer.layers.causal_decoder import CausalDecoder, CausalDecoderLayer
from tf_transformer.layers.decoder import Decoder, DecoderLayer
from tf_transformer.layers.dense import Dense
from tf_transformer.layers.encoder import Encoder, EncoderLayer
from tf_transformer.layers.feed_forward import FeedForward
from tf_transformer.layers.layer_options import LayerOptions
from tf_transformer.layers.masks import causal_mask, padding_mask
from tf_transformer.layers.multiplicative_attention import MultiplicativeAttention
from tf_transformer.layers.positional_embedding import PositionalEmbedding
from tf_transformer.layers.positions import rotate, sinusoids
from tf_transformer.layers.recurrent_decoder import RecurrentDecoder
from tf_transformer.layers.recurrent_encoder import RecurrentEncoder
from tf_transformer.layers.residual import Residual

__all__ = [
    "AdditiveAttention",
    "Cache",
    "CausalDecoder",
    "CausalDecoderLayer",
    "Decoder",
    "DecoderLayer",
    "Dense",
    "Encoder",
    "EncoderLayer",
    "FeedForward",
    "KeysValues",
    "LayerOptions",
    "MultiHeadAttention",
    "MultiplicativeAttention",
    "PositionalEmbedding",
    "RecurrentDecoder",
    "RecurrentEncoder",
    "Residual",
    "causal_mask",
    "padding_mask",
    "rotate",
    "sinusoids",
]
