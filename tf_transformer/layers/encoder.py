"""The encoder: a stack of layers that attend to each other's positions."""

from __future__ import annotations

import keras

from tf_transformer.layers.sequence_layer import outputs, parts
from tf_transformer.layers.stack import Stack
from tf_transformer.layers.transformer_layer import TransformerLayer
from tf_transformer.layers.types import Tensor


@keras.saving.register_keras_serializable(package="tf_transformer")
class EncoderLayer(TransformerLayer):
    """Self-attention, then a feed-forward network, each within a residual connection.

    Args:
        d_model: width of the residual stream.
        num_heads: attention heads.
        d_ff: width inside the feed-forward network.
        **options: the other `LayerOptions`.

    Call arguments:
        x: `(batch, length, d_model)`.
        attention_mask: bool, broadcast to `(batch, num_heads, length, length)`, `True` to attend.
            Defaults to everywhere.
        return_weights: whether to return the attention weights too.

    Returns:
        `(batch, length, d_model)`, and with `return_weights` the attention weights
        `(batch, num_heads, length, length)`.

    Example:
        ```python
        import keras

        from tf_transformer.layers import EncoderLayer

        layer = EncoderLayer(d_model=128, num_heads=8, d_ff=512)
        y = layer(keras.random.normal((2, 10, 128)))  # (2, 10, 128)
        ```

    Reference:
        *Attention Is All You Need*, figure 1 (left).
    """

    def call(
        self, x: Tensor, attention_mask: Tensor | None = None, return_weights: bool = False
    ) -> Tensor | tuple[Tensor, Tensor]:
        x, *weights = parts(
            self.attention_residual(x, attention_mask=attention_mask, return_weights=return_weights)
        )
        return outputs(self.feed_forward_residual(x), *weights)


@keras.saving.register_keras_serializable(package="tf_transformer")
class Encoder(Stack):
    """A stack of `EncoderLayer`s, with a last norm if they are pre-norm.

    Args:
        num_layers: number of layers.
        d_model: width of the residual stream.
        num_heads: attention heads of each layer.
        d_ff: width inside the feed-forward networks.
        **options: the other `LayerOptions`.

    Call arguments:
        x: `(batch, length, d_model)`.
        attention_mask: bool, broadcast to `(batch, num_heads, length, length)`, `True` to attend.
            Defaults to everywhere.
        return_weights: whether to return the attention weights too.

    Returns:
        `(batch, length, d_model)`, and with `return_weights` a list of the layers' attention
        weights, each `(batch, num_heads, length, length)`.

    Example:
        ```python
        import numpy as np

        from tf_transformer.layers import Encoder, PositionalEmbedding, padding_mask

        encoder = Encoder(num_layers=4, d_model=128, num_heads=8, d_ff=512, dropout=0.1)
        token_ids = np.array([[5, 9, 3], [8, 3, 0]])
        x = PositionalEmbedding(vocab_size=10, d_model=128)(token_ids)
        memory = encoder(x, attention_mask=padding_mask(token_ids))  # (2, 3, 128)
        ```

    Reference:
        *Attention Is All You Need*, section 3.1.
    """

    layer_class = EncoderLayer

    def call(
        self, x: Tensor, attention_mask: Tensor | None = None, return_weights: bool = False
    ) -> Tensor | tuple[Tensor, list[Tensor]]:
        weights = []
        for layer in self.layers:
            x, *found = parts(
                layer(x, attention_mask=attention_mask, return_weights=return_weights)
            )
            weights += found
        return outputs(self._normed(x), weights if return_weights else None)
