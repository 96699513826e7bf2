"""Additive attention."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from tf_transformer.layers.scored_attention import ScoredAttention
from tf_transformer.layers.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="tf_transformer")
class AdditiveAttention(ScoredAttention):
    """Scores with a small feed-forward network.

        score(q, h) = v · tanh(W q + U h + b)

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

        from tf_transformer.layers import AdditiveAttention

        query, memory = keras.random.normal((2, 5, 64)), keras.random.normal((2, 9, 64))
        context = AdditiveAttention(d_model=64)(query, memory)  # (2, 5, 64)
        ```

    Reference:
        Bahdanau, Cho & Bengio 2015, *Neural Machine Translation by Jointly Learning to Align and
        Translate*, appendix A.1.2.
    """

    def __init__(self, d_model: int, **kwargs: Any) -> None:
        super().__init__(d_model, **kwargs)
        self.query = self._projection("query", use_bias=False)
        self.key = self._projection("key", use_bias=True)
        self.score = keras.layers.Dense(1, use_bias=False, name="score", dtype=self.dtype_policy)

    def build(self, query_shape: Shape, memory_shape: Shape | None = None) -> None:
        self.query.build((None, None, self.d_model))
        self.key.build((None, None, self.d_model))
        self.score.build((None, None, None, self.d_model))

    def keys(self, memory: Tensor) -> Tensor:
        return self.key(memory)

    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        sums = self.query(query)[:, :, None] + keys[:, None]  # (batch, query, memory, d_model)
        return self.score(ops.tanh(sums))[..., 0]
