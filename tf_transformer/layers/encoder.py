"""The encoder: a stack of identical layers."""

import keras

from tf_transformer.layers.attention import MultiHeadAttention
from tf_transformer.layers.feed_forward import FeedForward
from tf_transformer.layers.residual import Residual, layer_norm
from tf_transformer.layers.traced import Traced


@keras.saving.register_keras_serializable(package="tf_transformer")
class EncoderLayer(Traced, keras.layers.Layer):
    """Self-attention, then a feed-forward network, each within a residual connection.

    Args:
        d_model: width of the residual stream.
        num_heads: attention heads.
        d_ff: width inside the feed-forward network.
        dropout: rate after each sublayer. Defaults to 0.
        attention_dropout: rate on the attention weights. Defaults to 0.
        feed_forward_dropout: rate on the hidden units. Defaults to 0.
        norm: `"pre"` or `"post"`. Defaults to `"pre"`.
        activation: of the feed-forward network. Defaults to `"relu"`.
        rotary: whether attention rotates queries and keys. Defaults to `False`.

    Call arguments:
        x: `(batch, length, d_model)`.
        attention_mask: bool, broadcast to `(batch, num_heads, length, length)`, `True` to attend.
        return_weights: whether to return the attention weights too.

    Returns:
        `(batch, length, d_model)`, and with `return_weights` the attention weights
        `(batch, num_heads, length, length)`.

    Reference:
        *Attention Is All You Need*, figure 1 (left).
    """

    def __init__(
        self,
        d_model,
        num_heads,
        d_ff,
        dropout=0.0,
        attention_dropout=0.0,
        feed_forward_dropout=0.0,
        norm="pre",
        activation="relu",
        rotary=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.options = {
            "d_model": d_model,
            "num_heads": num_heads,
            "d_ff": d_ff,
            "dropout": dropout,
            "attention_dropout": attention_dropout,
            "feed_forward_dropout": feed_forward_dropout,
            "norm": norm,
            "activation": activation,
            "rotary": rotary,
        }
        dtype = self.dtype_policy
        self.attention = MultiHeadAttention(
            d_model, num_heads, attention_dropout, rotary, name="attention", dtype=dtype
        )
        self.attention_residual = Residual(norm, dropout, name="attention_residual", dtype=dtype)
        self.feed_forward = FeedForward(
            d_model, d_ff, activation, feed_forward_dropout, name="feed_forward", dtype=dtype
        )
        self.feed_forward_residual = Residual(
            norm, dropout, name="feed_forward_residual", dtype=dtype
        )

    def build(self, x_shape=None):
        shape = (None, None, self.options["d_model"])
        self.attention.build(shape)
        self.attention_residual.build(shape)
        self.feed_forward.build(shape)
        self.feed_forward_residual.build(shape)

    def call(self, x, attention_mask=None, training=None, return_weights=False):
        h = self.attention_residual.enter(x)
        h, weights = self.attention(
            h, attention_mask=attention_mask, training=training, return_weights=True
        )
        x = self.attention_residual(x, h, training=training)

        h = self.feed_forward(self.feed_forward_residual.enter(x), training=training)
        x = self.feed_forward_residual(x, h, training=training)
        return (x, weights) if return_weights else x

    def compute_output_shape(self, x_shape):
        return x_shape

    def get_config(self):
        return super().get_config() | self.options


@keras.saving.register_keras_serializable(package="tf_transformer")
class Encoder(Traced, keras.layers.Layer):
    """A stack of layers, each a `EncoderLayer`, with a last layer norm if they are pre-norm.

    Args:
        num_layers: number of layers.
        d_model: width of the residual stream.
        num_heads: attention heads of each layer.
        d_ff: width inside the feed-forward networks.
        norm: `"pre"` or `"post"`. Defaults to `"pre"`.
        **kwargs: the other options of `EncoderLayer`, and those of any Keras layer.

    Call arguments:
        x: `(batch, length, d_model)`.
        attention_mask: bool, broadcast to `(batch, num_heads, length, length)`, `True` to attend.
        return_weights: whether to return the attention weights too.

    Returns:
        `(batch, length, d_model)`, and with `return_weights` a list of the layers' attention
        weights, each `(batch, num_heads, length, length)`.

    Reference:
        *Attention Is All You Need*, section 3.1.
    """

    layer_class = EncoderLayer

    def __init__(self, num_layers, d_model, num_heads, d_ff, norm="pre", **kwargs):
        keras_kwargs = {k: kwargs.pop(k) for k in ("name", "dtype", "trainable") if k in kwargs}
        super().__init__(**keras_kwargs)
        self.options = {"d_model": d_model, "num_heads": num_heads, "d_ff": d_ff, "norm": norm}
        self.options |= kwargs
        self.layers = [
            self.layer_class(**self.options, name=f"layer_{i}", dtype=self.dtype_policy)
            for i in range(num_layers)
        ]
        self.final_norm = (
            layer_norm(name="final_norm", dtype=self.dtype_policy) if norm == "pre" else None
        )

    def build(self, x_shape=None):
        shape = (None, None, self.options["d_model"])
        for layer in self.layers:
            layer.build(shape)
        if self.final_norm:
            self.final_norm.build(shape)

    def call(self, x, attention_mask=None, training=None, return_weights=False):
        weights = []
        for layer in self.layers:
            x, w = layer(x, attention_mask=attention_mask, training=training, return_weights=True)
            weights.append(w)
        x = self.final_norm(x) if self.final_norm else x
        return (x, weights) if return_weights else x

    def compute_output_shape(self, x_shape):
        return x_shape

    def get_config(self):
        return super().get_config() | {"num_layers": len(self.layers)} | self.options
