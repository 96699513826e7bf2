"""The base of the layers of all stacks."""

from __future__ import annotations

from typing import Any

from tf_transformer.layers.attention import MultiHeadAttention
from tf_transformer.layers.feed_forward import FeedForward
from tf_transformer.layers.layer_options import OptionsLayer
from tf_transformer.layers.residual import Residual
from tf_transformer.layers.types import Shape


class TransformerLayer(OptionsLayer):
    """The base of the layers of all stacks: self-attention and a feed-forward network.

    Each is within a residual connection. A subclass defines how they are called.

    Args:
        d_model: width of the residual stream.
        num_heads: attention heads.
        d_ff: width inside the feed-forward network.
        **options: the other `LayerOptions`.
    """

    def __init__(
        self, d_model: int, num_heads: int, d_ff: int, *options: Any, **kwargs: Any
    ) -> None:
        super().__init__(d_model, num_heads, d_ff, *options, **kwargs)
        self._make_sublayers()

    def _make_sublayers(self) -> None:
        """Make the sublayers, each an attribute whose name weight files use."""
        options = self.options
        self.attention = self._attention(
            "attention", rotary=options.rotary, qk_norm=options.qk_norm
        )
        self.attention_residual = self._residual(self.attention)
        self.feed_forward = FeedForward(
            options.d_model,
            options.d_ff,
            options.activation,
            options.feed_forward_dropout,
            options.zero_init,
            name="feed_forward",
            dtype=self.dtype_policy,
        )
        self.feed_forward_residual = self._residual(self.feed_forward)

    def _attention(self, name: str, **of_self_attention: bool) -> MultiHeadAttention:
        options = self.options
        return MultiHeadAttention(
            options.d_model,
            options.num_heads,
            options.attention_dropout,
            num_kv_heads=options.num_kv_heads,
            zero_init=options.zero_init,
            **of_self_attention,
            name=name,
            dtype=self.dtype_policy,
        )

    def _residual(self, sublayer: MultiHeadAttention | FeedForward) -> Residual:
        return Residual(
            sublayer,
            self.options.norm,
            self.options.dropout,
            self.options.normalization,
            name=f"{sublayer.name}_residual",
            dtype=self.dtype_policy,
        )

    def build(self, x_shape: Shape | None = None) -> None:
        shape = (None, None, self.options.d_model)
        self.attention.build(shape)
        self.attention_residual.build(shape)
        self.feed_forward.build(shape)
        self.feed_forward_residual.build(shape)
