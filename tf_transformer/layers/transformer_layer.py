"""What the layers of all stacks are made of."""

from __future__ import annotations

from typing import Any

from tf_transformer.layers.attention import MultiHeadAttention
from tf_transformer.layers.feed_forward import FeedForward
from tf_transformer.layers.residual import Residual
from tf_transformer.layers.sequence_layer import SequenceLayer
from tf_transformer.layers.types import Shape


class TransformerLayer(SequenceLayer):
    """Self-attention and a feed-forward network, each within a residual connection.

    This is the base of the layers of all stacks; a subclass says how they are called.

    Args:
        d_model: width of the residual stream.
        num_heads: attention heads.
        d_ff: width inside the feed-forward network.
        dropout: rate after each sublayer. Defaults to 0.
        attention_dropout: rate on the attention weights. Defaults to 0.
        feed_forward_dropout: rate on the hidden units. Defaults to 0.
        norm: `"pre"` or `"post"`. Defaults to `"pre"`.
        activation: of the feed-forward network. Defaults to `"relu"`.
        rotary: whether self-attention rotates queries and keys. Defaults to `False`.
    """

    def __init__(
        self,
        d_model: int,
        num_heads: int,
        d_ff: int,
        dropout: float = 0.0,
        attention_dropout: float = 0.0,
        feed_forward_dropout: float = 0.0,
        norm: str = "pre",
        activation: str = "relu",
        rotary: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._takes_vectors(d_model)
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
        self._make_sublayers()

    def _make_sublayers(self) -> None:
        """Make the sublayers, each an attribute: weight files find them by its name."""
        self.attention = self._attention("attention", self.options["rotary"])
        self.attention_residual = self._residual(self.attention)
        self.feed_forward = FeedForward(
            self.options["d_model"],
            self.options["d_ff"],
            self.options["activation"],
            self.options["feed_forward_dropout"],
            name="feed_forward",
            dtype=self.dtype_policy,
        )
        self.feed_forward_residual = self._residual(self.feed_forward)

    def _attention(self, name: str, rotary: bool = False) -> MultiHeadAttention:
        return MultiHeadAttention(
            self.options["d_model"],
            self.options["num_heads"],
            self.options["attention_dropout"],
            rotary,
            name=name,
            dtype=self.dtype_policy,
        )

    def _residual(self, sublayer: MultiHeadAttention | FeedForward) -> Residual:
        return Residual(
            sublayer,
            self.options["norm"],
            self.options["dropout"],
            name=f"{sublayer.name}_residual",
            dtype=self.dtype_policy,
        )

    def build(self, x_shape: Shape | None = None) -> None:
        shape = (None, None, self.options["d_model"])
        self.attention.build(shape)
        self.attention_residual.build(shape)
        self.feed_forward.build(shape)
        self.feed_forward_residual.build(shape)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | self.options
