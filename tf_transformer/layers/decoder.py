"""The decoder: a stack of identical layers that also attend to the encoder's output."""

import keras

from tf_transformer.layers.attention import MultiHeadAttention
from tf_transformer.layers.encoder import Encoder, EncoderLayer
from tf_transformer.layers.residual import Residual


@keras.saving.register_keras_serializable(package="tf_transformer")
class DecoderLayer(EncoderLayer):
    """Self-attention, attention to the memory, and a feed-forward network.

    Args:
        *args: as of `EncoderLayer`.

    Call arguments:
        x: `(batch, target_length, d_model)`.
        memory: the encoder's output, `(batch, source_length, d_model)`.
        attention_mask: bool, broadcast to `(batch, num_heads, target_length, target_length)`.
        cross_attention_mask: bool, broadcast to
            `(batch, num_heads, target_length, source_length)`.
        return_weights: whether to return the attention weights too.

    Returns:
        `(batch, target_length, d_model)`, and with `return_weights` the weights of self-attention
        `(batch, num_heads, target_length, target_length)` and of cross-attention
        `(batch, num_heads, target_length, source_length)`.

    Reference:
        *Attention Is All You Need*, figure 1 (right).
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        options, dtype = self.options, self.dtype_policy
        self.cross_attention = MultiHeadAttention(
            options["d_model"],
            options["num_heads"],
            options["attention_dropout"],
            name="cross_attention",
            dtype=dtype,
        )
        self.cross_attention_residual = Residual(
            options["norm"], options["dropout"], name="cross_attention_residual", dtype=dtype
        )

    def build(self, x_shape=None, memory_shape=None):
        super().build(x_shape)
        shape = (None, None, self.options["d_model"])
        self.cross_attention.build(shape)
        self.cross_attention_residual.build(shape)

    def call(
        self,
        x,
        memory,
        attention_mask=None,
        cross_attention_mask=None,
        training=None,
        return_weights=False,
    ):
        h = self.attention_residual.enter(x)
        keys_values = self.attention.keys_values(h)
        memory_keys_values = self.cross_attention.keys_values(memory)
        masks = (attention_mask, cross_attention_mask)
        x, weights = self._sublayers(
            x, h, keys_values, memory_keys_values, masks, training=training
        )
        return (x, weights) if return_weights else x

    def step(self, x, positions, slot, cache, memory_keys_values, masks):
        """Decode a few positions, given the keys and values of those before.

        Args:
            x: `(batch, length, d_model)`.
            positions: where they stand in the target, int `(length,)` or `(batch, length)`.
            slot: int scalar, where the cache has room for the first one's key and value.
            cache: keys and values, each `(batch, num_heads, slots, d_model / num_heads)`.
            memory_keys_values: what `cross_attention.keys_values` made of the memory.
            masks: the attention mask, bool, broadcast to `(batch, num_heads, length, slots)`, and
                the cross-attention mask, as in a call.

        Returns:
            `(batch, length, d_model)` and the cache with the new keys and values.
        """
        h = self.attention_residual.enter(x)
        cache = self.attention.update_cache(h, positions, slot, cache)
        x, _ = self._sublayers(x, h, cache, memory_keys_values, masks, positions)
        return x, cache

    def _sublayers(
        self, x, h, keys_values, memory_keys_values, masks, positions=None, training=None
    ):
        """Run the three sublayers on `x`; `h` is `x` as it enters the first."""
        attention_mask, cross_attention_mask = masks
        h, weights = self.attention.attend(
            h, *keys_values, attention_mask, positions, training=training
        )
        x = self.attention_residual(x, h, training=training)

        h = self.cross_attention_residual.enter(x)
        h, memory_weights = self.cross_attention.attend(
            h, *memory_keys_values, cross_attention_mask, training=training
        )
        x = self.cross_attention_residual(x, h, training=training)

        h = self.feed_forward(self.feed_forward_residual.enter(x), training=training)
        x = self.feed_forward_residual(x, h, training=training)
        return x, (weights, memory_weights)

    def compute_output_shape(self, x_shape, memory_shape=None):
        return x_shape


@keras.saving.register_keras_serializable(package="tf_transformer")
class Decoder(Encoder):
    """A stack of layers, each a `DecoderLayer`, with a last layer norm if they are pre-norm.

    Args:
        *args: as of `Encoder`.

    Call arguments:
        x: `(batch, target_length, d_model)`.
        memory: the encoder's output, `(batch, source_length, d_model)`.
        attention_mask: bool, broadcast to `(batch, num_heads, target_length, target_length)`.
        cross_attention_mask: bool, broadcast to
            `(batch, num_heads, target_length, source_length)`.
        return_weights: whether to return the attention weights too.

    Returns:
        `(batch, target_length, d_model)`, and with `return_weights` a list of the layers' pairs
        of self- and cross-attention weights.

    Reference:
        *Attention Is All You Need*, section 3.1.
    """

    layer_class = DecoderLayer

    def build(self, x_shape=None, memory_shape=None):
        super().build(x_shape)

    def call(
        self,
        x,
        memory,
        attention_mask=None,
        cross_attention_mask=None,
        training=None,
        return_weights=False,
    ):
        weights = []
        for layer in self.layers:
            x, w = layer(
                x,
                memory,
                attention_mask=attention_mask,
                cross_attention_mask=cross_attention_mask,
                training=training,
                return_weights=True,
            )
            weights.append(w)
        x = self.final_norm(x) if self.final_norm else x
        return (x, weights) if return_weights else x

    def step(self, x, positions, slot, caches, memory_keys_values, masks):
        """Decode a few positions with all layers: see `DecoderLayer.step`.

        `caches` and `memory_keys_values` are lists with an entry a layer.
        """
        new_caches = []
        for layer, cache, keys_values in zip(self.layers, caches, memory_keys_values, strict=True):
            x, cache = layer.step(x, positions, slot, cache, keys_values, masks)
            new_caches.append(cache)
        return (self.final_norm(x) if self.final_norm else x), new_caches

    def compute_output_shape(self, x_shape, memory_shape=None):
        return x_shape
