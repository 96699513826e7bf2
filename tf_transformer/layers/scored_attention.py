"""What attention was before it had heads: one score for each query and each place of the memory."""

import keras
from keras import ops

from tf_transformer.layers.masks import masked_softmax
from tf_transformer.layers.traced import Traced


class ScoredAttention(Traced, keras.layers.Layer):
    """Attends from each query to a memory: the base of additive and multiplicative attention.

        Attention(q, h) = Σ_j α_j h_j,  α = softmax_j(score(q, h_j))

    What of a score depends on the memory alone, its keys, can be kept from step to step.

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
        float32 `(batch, 1, query_length, memory_length)`: those of a single head.
    """

    def __init__(self, d_model, **kwargs):
        super().__init__(**kwargs)
        self.d_model = d_model

    def call(self, query, memory, attention_mask=None, return_weights=False):
        context, weights = self.attend(query, self.keys(memory), memory, attention_mask)
        return (context, weights) if return_weights else context

    def keys(self, memory):
        """Return the memory as scores want it, `(batch, memory_length, d_model)`."""
        raise NotImplementedError

    def scores(self, query, keys):
        """Return `(batch, query_length, memory_length)`."""
        raise NotImplementedError

    def attend(self, query, keys, memory, attention_mask=None):
        """Attend to a memory whose `keys` are known; return the context and the weights."""
        weights = masked_softmax(self.scores(query, keys)[:, None], attention_mask)
        return ops.matmul(ops.cast(weights[:, 0], memory.dtype), memory), weights

    def _projection(self, name, use_bias):
        return keras.layers.Dense(
            self.d_model, use_bias=use_bias, name=name, dtype=self.dtype_policy
        )

    def compute_output_shape(self, query_shape, memory_shape):
        return query_shape

    def get_config(self):
        return super().get_config() | {"d_model": self.d_model}
