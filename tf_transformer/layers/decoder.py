"""The decoder: a stack of layers that also attend to the encoder's output."""

from __future__ import annotations

import keras

from tf_transformer.layers.cache import Cache, KeysValues
from tf_transformer.layers.sequence_layer import outputs, parts
from tf_transformer.layers.stack import Stack
from tf_transformer.layers.transformer_layer import TransformerLayer
from tf_transformer.layers.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="tf_transformer")
class DecoderLayer(TransformerLayer):
    """Self-attention, attention to the memory, and a feed-forward network.

    Args:
        d_model: width of the residual stream.
        num_heads: attention heads.
        d_ff: width inside the feed-forward network.
        **options: the other `LayerOptions`.

    Call arguments:
        x: `(batch, target_length, d_model)`.
        memory: the encoder's output, `(batch, source_length, d_model)`, or its `KeysValues` from
            `cross_attention`.
        attention_mask: bool, broadcast to `(batch, num_heads, target_length, target_length)`,
            `True` to attend. With a cache, its last axis is the slots of the cache.
        cross_attention_mask: bool, broadcast to
            `(batch, num_heads, target_length, source_length)`.
        cache: a `Cache` of earlier target tokens, to decode step by step. Defaults to none.
        return_weights: whether to return the attention weights too.

    Returns:
        `(batch, target_length, d_model)`. With `return_weights` a pair follows, the weights of
        self-attention `(batch, num_heads, target_length, target_length)` and of cross-attention
        `(batch, num_heads, target_length, source_length)`; with a cache, the new cache.

    Example:
        ```python
        import keras

        from tf_transformer.layers import DecoderLayer, causal_mask

        layer = DecoderLayer(d_model=128, num_heads=8, d_ff=512)
        x, memory = keras.random.normal((2, 5, 128)), keras.random.normal((2, 10, 128))
        y = layer(x, memory, attention_mask=causal_mask(5))  # (2, 5, 128)
        ```

    Reference:
        *Attention Is All You Need*, figure 1 (right).
    """

    def _make_sublayers(self) -> None:
        super()._make_sublayers()
        self.cross_attention = self._attention("cross_attention")
        self.cross_attention_residual = self._residual(self.cross_attention)

    def build(self, x_shape: Shape | None = None, memory_shape: Shape | None = None) -> None:
        super().build(x_shape)
        shape = (None, None, self.options.d_model)
        self.cross_attention.build(shape)
        self.cross_attention_residual.build(shape)

    def call(
        self,
        x: Tensor,
        memory: Tensor | KeysValues,
        attention_mask: Tensor | None = None,
        cross_attention_mask: Tensor | None = None,
        cache: Cache | None = None,
        return_weights: bool = False,
    ) -> Tensor | tuple[Tensor, ...]:
        options = {"return_weights": return_weights}
        x, *others = parts(
            self.attention_residual(x, attention_mask=attention_mask, cache=cache, **options)
        )
        x, *cross_weights = parts(
            self.cross_attention_residual(x, memory, attention_mask=cross_attention_mask, **options)
        )
        x = self.feed_forward_residual(x)
        weights = (others.pop(0), *cross_weights) if return_weights else None
        return outputs(x, weights, *others)


@keras.saving.register_keras_serializable(package="tf_transformer")
class Decoder(Stack):
    """A stack of `DecoderLayer`s, with a last norm if they are pre-norm.

    Args:
        num_layers: number of layers.
        d_model: width of the residual stream.
        num_heads: attention heads of each layer.
        d_ff: width inside the feed-forward networks.
        **options: the other `LayerOptions`.

    Call arguments:
        x: `(batch, target_length, d_model)`.
        memory: the encoder's output, `(batch, source_length, d_model)`, or its `keys_values`.
        attention_mask: bool, broadcast to `(batch, num_heads, target_length, target_length)`,
            `True` to attend. With a cache, its last axis is the slots of the cache.
        cross_attention_mask: bool, broadcast to
            `(batch, num_heads, target_length, source_length)`.
        cache: a `Cache` of earlier target tokens, to decode step by step. Defaults to none.
        return_weights: whether to return the attention weights too.

    Returns:
        `(batch, target_length, d_model)`. With `return_weights` a list follows, of each layer's
        pair of self- and cross-attention weights; with a cache, the new cache.

    Example:
        ```python
        import keras

        from tf_transformer.layers import Decoder, causal_mask

        decoder = Decoder(num_layers=4, d_model=128, num_heads=8, d_ff=512)
        x, memory = keras.random.normal((2, 5, 128)), keras.random.normal((2, 10, 128))
        y = decoder(x, memory, attention_mask=causal_mask(5))  # (2, 5, 128)
        ```

    Reference:
        *Attention Is All You Need*, section 3.1.
    """

    layer_class = DecoderLayer

    def build(self, x_shape: Shape | None = None, memory_shape: Shape | None = None) -> None:
        super().build(x_shape)

    def call(
        self,
        x: Tensor,
        memory: Tensor | list[KeysValues],
        attention_mask: Tensor | None = None,
        cross_attention_mask: Tensor | None = None,
        cache: Cache | None = None,
        return_weights: bool = False,
    ) -> Tensor | tuple[Tensor, ...]:
        memories = memory if isinstance(memory, list) else [memory] * len(self.layers)
        return self._through_layers(
            x,
            [{"memory": each} for each in memories],
            cache,
            return_weights,
            attention_mask=attention_mask,
            cross_attention_mask=cross_attention_mask,
        )

    def keys_values(self, memory: Tensor) -> list[KeysValues]:
        """Return what each layer attends to in the memory: it is the same at every decoding step.

        Args:
            memory: `(batch, source_length, d_model)`.
        """
        return [layer.cross_attention.keys_values(memory) for layer in self.layers]
