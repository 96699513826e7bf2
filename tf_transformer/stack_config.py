"""What can be chosen about a model that is one stack of Transformer layers."""

from __future__ import annotations

import dataclasses

from tf_transformer.config import _Config


@dataclasses.dataclass(frozen=True)
class StackConfig(_Config):
    """The shape of a model of one stack: what `CausalLMConfig` and `ClassifierConfig` share.

    Args:
        vocab_size: number of token ids. Set from the tokenizer.
        num_layers: layers of the stack.
        d_model: width of the residual stream; a multiple of `num_heads`.
        num_heads: attention heads, each `d_model / num_heads` wide.
        d_ff: width inside the feed-forward sublayers.
        dropout: rate after embeddings and sublayers.
        attention_dropout: rate on attention weights.
        feed_forward_dropout: rate on the hidden units of the feed-forward sublayers.
        positions: `"sinusoidal"`, `"learned"` or `"rotary"`.
        norm: `"pre"` or `"post"`: see `TransformerConfig`.
        activation: of the feed-forward sublayers, `"relu"` or `"gelu"`.
        max_length: most tokens that it sees at once.

    Raises:
        UserError: for values that cannot work.
    """

    vocab_size: int = 8000
    num_layers: int = 4
    d_model: int = 128
    num_heads: int = 4
    d_ff: int = 512
    dropout: float = 0.0
    attention_dropout: float = 0.0
    feed_forward_dropout: float = 0.0
    positions: str = "rotary"
    norm: str = "pre"
    activation: str = "gelu"
    max_length: int = 64

    title = "Transformer"  # what such a model is called

    def _check(self):
        self._check_range("vocab_size", 5)  # 4 special ids and a token
        self._check_stack()
