"""The options that all layers of a stack share."""

from __future__ import annotations

import dataclasses
from typing import Any

from tf_transformer.layers.sequence_layer import SequenceLayer


@dataclasses.dataclass(frozen=True)
class LayerOptions:
    """The options that all layers of a stack share: arguments of stacks and of their layers.

    Args:
        d_model: width of the residual stream.
        num_heads: attention heads.
        d_ff: width inside the feed-forward networks.
        dropout: rate after each sublayer. Defaults to 0.
        attention_dropout: rate on the attention weights. Defaults to 0.
        feed_forward_dropout: rate on the hidden units. Defaults to 0.
        norm: `"pre"` or `"post"`, the place of a sublayer's norm: see `Residual`. Defaults to
            `"pre"`.
        activation: of the feed-forward networks: see `FeedForward`. Defaults to `"relu"`.
        rotary: whether self-attention rotates queries and keys. Defaults to `False`.
        normalization: `"layer_norm"` or `"rms_norm"`. Defaults to `"layer_norm"`.
        qk_norm: whether self-attention normalises queries and keys. Defaults to `False`.
        num_kv_heads: heads of keys and values; 0 means `num_heads`. Defaults to 0.
        zero_init: whether the last matrix of each sublayer starts at zero. Defaults to `False`.

    Example:
        ```python
        from tf_transformer.layers import EncoderLayer

        layer = EncoderLayer(d_model=128, num_heads=8, d_ff=512, normalization="rms_norm")
        layer.options.normalization  # "rms_norm"
        layer.options.dropout  # 0.0
        ```
    """

    d_model: int
    num_heads: int
    d_ff: int
    dropout: float = 0.0
    attention_dropout: float = 0.0
    feed_forward_dropout: float = 0.0
    norm: str = "pre"
    activation: str = "relu"
    rotary: bool = False
    normalization: str = "layer_norm"
    qk_norm: bool = False
    num_kv_heads: int = 0
    zero_init: bool = False

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of all options."""
        return tuple(field.name for field in dataclasses.fields(cls))


class OptionsLayer(SequenceLayer):
    """A layer whose arguments are `LayerOptions`.

    Args:
        *options: the first `LayerOptions`, in order.
        **kwargs: the other options by name, and the arguments of any Keras layer.

    Attributes:
        options: the `LayerOptions`.
    """

    def __init__(self, *options: Any, **kwargs: Any) -> None:
        named = {name: kwargs.pop(name) for name in LayerOptions.names() if name in kwargs}
        super().__init__(**kwargs)
        self.options = LayerOptions(*options, **named)
        self._takes_vectors(self.options.d_model)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | dataclasses.asdict(self.options)
