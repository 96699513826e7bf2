"""The base of the configurations of all Transformers."""

from __future__ import annotations

import dataclasses
from typing import Literal

from tf_transformer.config.field_types import Amount, Count, Rate, Size
from tf_transformer.config.model_config import ModelConfig
from tf_transformer.errors import require

Positions = Literal["sinusoidal", "learned", "rotary"]
Norm = Literal["pre", "post"]
Activation = Literal["relu", "gelu", "relu2", "swiglu", "geglu"]
Normalization = Literal["layer_norm", "rms_norm"]


@dataclasses.dataclass(frozen=True)
class StackConfig(ModelConfig):
    """The base of the configurations of all Transformers: their stacks of layers.

    Args:
        num_layers: layers in each stack.
        d_model: width of the residual stream; a multiple of `num_heads`.
        num_heads: attention heads, each `d_model / num_heads` wide.
        d_ff: width inside the feed-forward sublayers. `"swiglu"` and `"geglu"` have a third matrix:
            with 2/3 of the width, they have the same number of weights.
        dropout: rate after embeddings and sublayers.
        attention_dropout: rate on attention weights.
        feed_forward_dropout: rate on the hidden units of the feed-forward sublayers.
        positions: `"sinusoidal"`, `"learned"` or `"rotary"`.
        norm: `"pre"` (normalise the input of a sublayer: trains easily) or `"post"` (normalise the
            sum, as in the paper: needs a long warm-up).
        activation: of the feed-forward sublayers: `"relu"`, `"gelu"`, `"relu2"` (its square),
            `"swiglu"` or `"geglu"` (a product with a gate).
        normalization: `"layer_norm"`, or `"rms_norm"`, which does not subtract the mean.
        qk_norm: whether self-attention normalises queries and keys.
        num_kv_heads: heads of keys and values, a divisor of `num_heads`; 0 means `num_heads`.
        zero_init: whether the last matrix of each sublayer starts at zero, so that the stack starts
            as the identity.
        logit_cap: limit of the logits, `cap tanh(logits / cap)`; 0 means no limit.

    Raises:
        UserError: for values that cannot work.

    Reference:
        Vaswani et al. 2017, *Attention Is All You Need*, Table 3. The layers name the papers of
        what came later; `logit_cap`: Gemma Team 2024, *Gemma 2*.
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
    normalization: Normalization = "layer_norm"
    qk_norm: bool = False
    num_kv_heads: Count = 0
    zero_init: bool = False
    logit_cap: Amount = 0.0

    title = "Transformer"

    def _check(self) -> None:
        super()._check()
        require(
            self.d_model % self.num_heads == 0,
            f"d_model={self.d_model} is not divisible by num_heads={self.num_heads}: "
            "each head is d_model / num_heads wide.",
        )
        require(
            self.num_heads % (self.num_kv_heads or self.num_heads) == 0,
            f"num_heads={self.num_heads} is not divisible by num_kv_heads={self.num_kv_heads}: "
            "each head of keys and values serves the same number of heads of queries.",
        )
        width = self.d_model // self.num_heads if self.positions == "rotary" else self.d_model
        require(
            self.positions == "learned" or width % 2 == 0,
            f"positions={self.positions!r} rotates pairs: it needs an even width, not {width}.",
        )
