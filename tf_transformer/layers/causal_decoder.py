"""The stack of a decoder-only model: its layers have self-attention only."""

from __future__ import annotations

import keras

from tf_transformer.errors import require
from tf_transformer.layers.cache import Cache, KeysValues
from tf_transformer.layers.sequence_layer import outputs, parts
from tf_transformer.layers.stack import Stack
from tf_transformer.layers.transformer_layer import TransformerLayer
from tf_transformer.layers.types import Tensor


@keras.saving.register_keras_serializable(package="tf_transformer")
class CausalDecoderLayer(TransformerLayer):
    """Self-attention and a feed-forward network, which can continue a text step by step.

    The attention mask makes it causal: see `causal_mask`.

    Args:
        d_model: width of the residual stream.
        num_heads: attention heads.
        d_ff: width inside the feed-forward network.
        **options: the other `LayerOptions`.

    Call arguments:
        x: `(batch, length, d_model)`.
        attention_mask: bool, broadcast to `(batch, num_heads, length, length)`, `True` to attend.
            With a cache, its last axis is the prompt's positions, then the slots of the cache.
        prompt: the `KeysValues` of a text before `x`; needs a cache. Defaults to none.
        cache: a `Cache` of earlier tokens, to continue step by step. Defaults to none.
        return_weights: whether to return the attention weights too.

    Returns:
        `(batch, length, d_model)`. With `return_weights` the attention weights follow,
        `(batch, num_heads, length, length)`, and with a cache, the new cache.

    Raises:
        UserError: if there is a prompt but no cache.

    Example:
        ```python
        import keras

        from tf_transformer.layers import CausalDecoderLayer, causal_mask

        layer = CausalDecoderLayer(d_model=128, num_heads=8, d_ff=512, rotary=True)
        x = keras.random.normal((2, 10, 128))
        y = layer(x, attention_mask=causal_mask(10))  # (2, 10, 128)
        ```

    Reference:
        Radford et al. 2019, *Language Models are Unsupervised Multitask Learners*, section 2.3.
    """

    def call(
        self,
        x: Tensor,
        attention_mask: Tensor | None = None,
        prompt: KeysValues | None = None,
        cache: Cache | None = None,
        return_weights: bool = False,
    ) -> Tensor | tuple[Tensor, ...]:
        require(
            prompt is None or cache is not None,
            "prompt needs a cache for the tokens that follow it.",
        )
        x, *others = parts(
            self.attention_residual(
                *(x, prompt),
                attention_mask=attention_mask,
                cache=cache,
                return_weights=return_weights,
            )
        )
        return outputs(self.feed_forward_residual(x), *others)


@keras.saving.register_keras_serializable(package="tf_transformer")
class CausalDecoder(Stack):
    """A stack of `CausalDecoderLayer`s, with a last norm if they are pre-norm.

    Args:
        num_layers: number of layers.
        d_model: width of the residual stream.
        num_heads: attention heads of each layer.
        d_ff: width inside the feed-forward networks.
        **options: the other `LayerOptions`.

    Call arguments:
        x: `(batch, length, d_model)`.
        attention_mask: bool, broadcast to `(batch, num_heads, length, length)`, `True` to attend.
            With a cache, its last axis is the prompt's positions, then the slots of the cache.
        prompt: for each layer, the `KeysValues` that the cache kept of a text before `x`. Needs a
            cache for the tokens that follow. Defaults to none.
        cache: a `Cache` of earlier tokens, to continue step by step. Defaults to none.
        return_weights: whether to return the attention weights too.

    Returns:
        `(batch, length, d_model)`. With `return_weights` a list of the layers' attention weights
        follows, each `(batch, num_heads, length, length)`, and with a cache, the new cache.

    Example:
        ```python
        import keras

        from tf_transformer.layers import CausalDecoder, causal_mask

        decoder = CausalDecoder(num_layers=4, d_model=128, num_heads=4, d_ff=512, rotary=True)
        x = keras.random.normal((2, 10, 128))
        y = decoder(x, attention_mask=causal_mask(10))  # (2, 10, 128)
        ```

    Reference:
        Radford et al. 2019, *Language Models are Unsupervised Multitask Learners*, section 2.3.
    """

    layer_class = CausalDecoderLayer

    def call(
        self,
        x: Tensor,
        attention_mask: Tensor | None = None,
        prompt: list[KeysValues] | None = None,
        cache: Cache | None = None,
        return_weights: bool = False,
    ) -> Tensor | tuple[Tensor, ...]:
        prompts = [None] * len(self.layers) if prompt is None else prompt
        return self._through_layers(
            x,
            [{"prompt": each} for each in prompts],
            cache,
            return_weights,
            attention_mask=attention_mask,
        )
