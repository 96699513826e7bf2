"""Multiplicative attention."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from tf_transformer.layers.scored_attention import ScoredAttention
from tf_transformer.layers.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="tf_transformer")
class MultiplicativeAttention(ScoredAttention):
    """Scores with a bilinear form: the ancestor of the Transformer's dot products.

        score(q, h) = q · W h

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
        float32 `(batch, 1, query_length, memory_length)`.

    Example:
        ```python
        import keras

        from tf_transformer.layers import MultiplicativeAttention

        query, memory = keras.random.normal((2, 5, 64)), keras.random.normal((2, 9, 64))
        context = MultiplicativeAttention(d_model=64)(query, memory)  # (2, 5, 64)
        ```

    Reference:
        Luong, Pham & Manning 2015, *Effective Approaches to Attention-based Neural Machine
        Translation*, eq. 8 ("general").
    """

    def __init__(self, d_model: int, **kwargs: Any) -> None:
        super().__init__(d_model, **kwargs)
        self.key = self._projection("key", use_bias=False)

    def build(self, query_shape: Shape, memory_shape: Shape | None = None) -> None:
        self.key.build((None, None, self.d_model))

    def keys(self, memory: Tensor) -> Tensor:
        return self.key(memory)

    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        return ops.matmul(query, ops.swapaxes(keys, -1, -2))
