"""Attention before it had heads: one score for each query and each position of the memory."""

from __future__ import annotations

import abc
from typing import Any

import keras
from keras import ops

from tf_transformer.layers.checks import require_sizes, require_vectors
from tf_transformer.layers.masks import masked_softmax
from tf_transformer.layers.sequence_layer import SequenceLayer, outputs
from tf_transformer.layers.types import Tensor


class ScoredAttention(SequenceLayer):
    """The base of additive and multiplicative attention: attends from each query to a memory.

        Attention(q, h) = Σ_j α_j h_j,  α = softmax_j(score(q, h_j))

    The keys, the part of a score that depends only on the memory, can be kept from step to step.

    Args:
        d_model: width of queries and memory.

    Call arguments:
        query: `(batch, query_length, d_model)`.
        memory: `(batch, memory_length, d_model)`.
        attention_mask: bool, broadcast to `(batch, 1, query_length, memory_length)`, `True` where
            the query may attend. Defaults to everywhere.
        return_weights: whether to return the attention weights too.

    Returns:
        The context `(batch, query_length, d_model)`, and with `return_weights` also the weights,
        float32 `(batch, 1, query_length, memory_length)`, as of a single head.
    """

    def __init__(self, d_model: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        require_sizes(d_model=d_model)
        self._takes_vectors(d_model)
        self.d_model = d_model

    def call(
        self,
        query: Tensor,
        memory: Tensor,
        attention_mask: Tensor | None = None,
        return_weights: bool = False,
    ) -> Tensor | tuple[Tensor, Tensor]:
        require_vectors("memory", memory, self.d_model)
        context, weights = self.attend(query, self.keys(memory), memory, attention_mask)
        return outputs(context, weights if return_weights else None)

    @abc.abstractmethod
    def keys(self, memory: Tensor) -> Tensor:
        """Return the part of the scores that depends on the memory, of the memory's shape."""

    @abc.abstractmethod
    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        """Return `(batch, query_length, memory_length)`."""

    def attend(
        self, query: Tensor, keys: Tensor, memory: Tensor, attention_mask: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Attend to a memory whose `keys` are known; return the context and the weights."""
        weights = masked_softmax(self.scores(query, keys)[:, None], attention_mask)
        return ops.matmul(ops.cast(weights[:, 0], memory.dtype), memory), weights

    def _projection(self, name: str, use_bias: bool) -> keras.layers.Dense:
        return keras.layers.Dense(
            self.d_model, use_bias=use_bias, name=name, dtype=self.dtype_policy
        )

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"d_model": self.d_model}
