"""What the configurations of all Transformers have in common."""

from __future__ import annotations

import dataclasses
from typing import Literal

from tf_transformer.config.field_types import Rate, Size
from tf_transformer.config.model_config import ModelConfig
from tf_transformer.errors import require

Positions = Literal["sinusoidal", "learned", "rotary"]
Norm = Literal["pre", "post"]
Activation = Literal["relu", "gelu"]


@dataclasses.dataclass(frozen=True)
class StackConfig(ModelConfig):
    """What the configurations of all Transformers have in common: their stacks of layers.

    Args:
        num_layers: layers in each stack.
        d_model: width of the residual stream; a multiple of `num_heads`.
        num_heads: attention heads, each `d_model / num_heads` wide.
        d_ff: width inside the feed-forward sublayers.
        dropout: rate after embeddings and sublayers.
        attention_dropout: rate on attention weights.
        feed_forward_dropout: rate on the hidden units of the feed-forward sublayers.
        positions: `"sinusoidal"`, `"learned"` or `"rotary"`.
        norm: `"pre"` (normalise what enters a sublayer: trains without care) or `"post"` (normalise
            the sum, as in the paper: needs a long warm-up).
        activation: of the feed-forward sublayers, `"relu"` or `"gelu"`.

    Raises:
        UserError: for values that cannot work.

    Reference:
        Vaswani et al. 2017, *Attention Is All You Need*, Table 3.
    """

    num_layers: Size = 4
    d_model: Size = 128
    num_heads: Size = 8
    d_ff: Size = 512
    dropout: Rate = 0.1
    attention_dropout: Rate = 0.0
    feed_forward_dropout: Rate = 0.0
    positions: Positions = "sinusoidal"
    norm: Norm = "pre"
    activation: Activation = "relu"

    title = "Transformer"

    def _check(self) -> None:
        super()._check()
        require(
            self.d_model % self.num_heads == 0,
            f"d_model={self.d_model} is not divisible by num_heads={self.num_heads}: "
            "each head is d_model / num_heads wide.",
        )
        width = self.d_model // self.num_heads if self.positions == "rotary" else self.d_model
        require(
            self.positions == "learned" or width % 2 == 0,
            f"positions={self.positions!r} rotates pairs: it needs an even width, not {width}.",
        )
