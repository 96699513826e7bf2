"""The base of encoder and decoders: a stack of identical layers."""

from __future__ import annotations

import dataclasses
from typing import Any

from tf_transformer.layers.cache import Cache
from tf_transformer.layers.checks import require_sizes
from tf_transformer.layers.layer_options import OptionsLayer
from tf_transformer.layers.normalization import make_norm
from tf_transformer.layers.sequence_layer import outputs, parts
from tf_transformer.layers.transformer_layer import TransformerLayer
from tf_transformer.layers.types import Shape, Tensor


class Stack(OptionsLayer):
    """The base of the stacks: identical layers, with a last norm if they are pre-norm.

    A subclass names its `layer_class` and defines how the layers are called.

    Args:
        num_layers: number of layers.
        d_model: width of the residual stream.
        num_heads: attention heads of each layer.
        d_ff: width inside the feed-forward networks.
        **options: the other `LayerOptions`.
    """

    layer_class: type[TransformerLayer]

    def __init__(
        self,
        num_layers: int,
        d_model: int,
        num_heads: int,
        d_ff: int,
        *options: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(d_model, num_heads, d_ff, *options, **kwargs)
        require_sizes(num_layers=num_layers)
        options = dataclasses.asdict(self.options)
        self.layers = [
            self.layer_class(**options, name=f"layer_{i}", dtype=self.dtype_policy)
            for i in range(num_layers)
        ]
        self.final_norm = None
        if self.options.norm == "pre":
            kind = self.options.normalization
            self.final_norm = make_norm(kind, name="final_norm", dtype=self.dtype_policy)

    def build(self, x_shape: Shape | None = None) -> None:
        shape = (None, None, self.options.d_model)
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
            own: the arguments of each layer alone.
            cache: a `Cache`, or `None`.
            return_weights: as in a call.
            **shared: the arguments of all layers.
        """
        caches = [None] * len(self.layers) if cache is None else cache.of_layers()
        weights, new_caches = [], []
        for layer, arguments, layer_cache in zip(self.layers, own, caches, strict=True):
            x, *others = parts(
                layer(x, **arguments, **shared, cache=layer_cache, return_weights=return_weights)
            )
            if return_weights:
                weights.append(others.pop(0))
            new_caches += others
        cache = None if cache is None else cache.joined(new_caches)
        return outputs(self._normed(x), weights if return_weights else None, cache)

    def _normed(self, x: Tensor) -> Tensor:
        return self.final_norm(x) if self.final_norm else x

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"num_layers": len(self.layers)}
