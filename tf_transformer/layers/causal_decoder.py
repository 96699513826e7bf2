"""The stack of a decoder-only model: layers of self-attention alone, which can go step by step."""

import keras
from keras import ops

from tf_transformer.layers.decoder import Decoder
from tf_transformer.layers.encoder import Encoder, EncoderLayer


@keras.saving.register_keras_serializable(package="tf_transformer")
class CausalDecoderLayer(EncoderLayer):
    """An `EncoderLayer` that can also read a text and go on with it step by step.

    What makes it causal is the mask that it is called with: see `causal_mask`.

    Args:
        *args: as of `EncoderLayer`.

    Call arguments:
        x: and the others as of `EncoderLayer`.

    Returns:
        As `EncoderLayer` does.

    Reference:
        Radford et al. 2019, *Language Models are Unsupervised Multitask Learners*, section 2.3.
    """

    def read(self, x, attention_mask):
        """Return what a call does, and the keys and values that later positions attend to.

        Args:
            x: `(batch, length, d_model)`.
            attention_mask: as in a call.

        Returns:
            `(batch, length, d_model)`, and a pair, keys and values, each
            `(batch, num_heads, length, d_model / num_heads)`.
        """
        h = self.attention_residual.enter(x)
        keys_values = self.attention.keys_values(h)
        return self._sublayers(x, h, keys_values, attention_mask), keys_values

    def step(self, x, positions, slot, cache, keys_values, attention_mask):
        """Go on for a few positions, given the keys and values of those before.

        Args:
            x: `(batch, length, d_model)`.
            positions: where they stand, int `(length,)` or `(batch, length)`.
            slot: int scalar, where the cache has room for the first one's key and value.
            cache: keys and values, each `(batch, num_heads, slots, d_model / num_heads)`.
            keys_values: those of the text that was read, from `read`.
            attention_mask: bool, broadcast to `(batch, num_heads, length, read + slots)`.

        Returns:
            `(batch, length, d_model)` and the cache with the new keys and values.
        """
        h = self.attention_residual.enter(x)
        cache = self.attention.update_cache(h, positions, slot, cache)
        keys_values = [
            ops.concatenate(parts, axis=2) for parts in zip(keys_values, cache, strict=True)
        ]
        return self._sublayers(x, h, keys_values, attention_mask, positions), cache

    def _sublayers(self, x, h, keys_values, attention_mask, positions=None):
        """Run both sublayers on `x`; `h` is `x` as it enters the first."""
        h, _ = self.attention.attend(h, *keys_values, attention_mask, positions)
        x = self.attention_residual(x, h)
        h = self.feed_forward(self.feed_forward_residual.enter(x))
        return self.feed_forward_residual(x, h)


@keras.saving.register_keras_serializable(package="tf_transformer")
class CausalDecoder(Encoder):
    """A stack of layers, each a `CausalDecoderLayer`, with a last layer norm if they are pre-norm.

    Args:
        *args: as of `Encoder`.

    Call arguments:
        x: and the others as of `Encoder`.

    Returns:
        As `Encoder` does.

    Reference:
        Radford et al. 2019, *Language Models are Unsupervised Multitask Learners*, section 2.3.
    """

    layer_class = CausalDecoderLayer
    step = Decoder.step  # `memory_keys_values` are here from `read`, `masks` is one mask

    def read(self, x, attention_mask):
        """Return each layer's keys and values of a text: see `CausalDecoderLayer.read`."""
        keys_values = []
        for layer in self.layers:
            x, pair = layer.read(x, attention_mask)
            keys_values.append(pair)
        return keys_values
