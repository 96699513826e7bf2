"""What encoder and decoders share: a stack of identical layers."""

from __future__ import annotations

from typing import Any

from tf_transformer.layers.cache import Cache
from tf_transformer.layers.checks import require_sizes
from tf_transformer.layers.residual import layer_norm
from tf_transformer.layers.sequence_layer import SequenceLayer, outputs
from tf_transformer.layers.transformer_layer import TransformerLayer
from tf_transformer.layers.types import Shape, Tensor


class Stack(SequenceLayer):
    """A stack of identical layers, with a last layer norm if they are pre-norm.

    This is the base of the stacks; a subclass names its `layer_class`, and says how they are
    called.

    Args:
        num_layers: number of layers.
        d_model: width of the residual stream.
        num_heads: attention heads of each layer.
        d_ff: width inside the feed-forward networks.
        dropout: rate after each sublayer. Defaults to 0.
        attention_dropout: rate on the attention weights. Defaults to 0.
        feed_forward_dropout: rate on the hidden units. Defaults to 0.
        norm: `"pre"` or `"post"`. Defaults to `"pre"`.
        activation: of the feed-forward networks. Defaults to `"relu"`.
        rotary: whether self-attention rotates queries and keys. Defaults to `False`.
    """

    layer_class: type[TransformerLayer]

    def __init__(
        self,
        num_layers: int,
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
        require_sizes(num_layers=num_layers)
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
        self.layers = [
            self.layer_class(**self.options, name=f"layer_{i}", dtype=self.dtype_policy)
            for i in range(num_layers)
        ]
        self.final_norm = (
            layer_norm(name="final_norm", dtype=self.dtype_policy) if norm == "pre" else None
        )

    def build(self, x_shape: Shape | None = None) -> None:
        shape = (None, None, self.options["d_model"])
        for layer in self.layers:
            layer.build(shape)
        if self.final_norm:
            self.final_norm.build(shape)

    def _through_layers(
        self,
        x: Tensor,
        own: list[dict[str, Any]],
        cache: Cache | None,
        return_weights: bool,
        **shared: Tensor | None,
    ) -> Tensor | tuple[Tensor, ...]:
        """Call one layer after the other, each with its part of the cache.

        Args:
            x: `(batch, length, d_model)`.
            own: for each layer, what it alone is given.
            cache: a `Cache`, or `None`.
            return_weights: as in a call.
            **shared: what all layers are given.
        """
        caches = [None] * len(self.layers) if cache is None else cache.of_layers()
        weights, new_caches = [], []
        for layer, arguments, layer_cache in zip(self.layers, own, caches, strict=True):
            x, w, *new_cache = layer(
                x, **arguments, **shared, cache=layer_cache, return_weights=True
            )
            weights.append(w)
            new_caches += new_cache
        cache = None if cache is None else cache.joined(new_caches)
        return outputs(self._normed(x), weights if return_weights else None, cache)

    def _normed(self, x: Tensor) -> Tensor:
        return self.final_norm(x) if self.final_norm else x

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"num_layers": len(self.layers)} | self.options
