"""Multiplicative attention."""

import keras
from keras import ops

from tf_transformer.layers.scored_attention import ScoredAttention


@keras.saving.register_keras_serializable(package="tf_transformer")
class MultiplicativeAttention(ScoredAttention):
    """Scores by a bilinear form: the ancestor of the Transformer's dot products.

        score(q, h) = q · W h

    Args:
        *args: as of `ScoredAttention`, whose call it has.

    Reference:
        Luong, Pham & Manning 2015, *Effective Approaches to Attention-based Neural Machine
        Translation*, eq. 8 ("general").
    """

    def __init__(self, d_model, **kwargs):
        super().__init__(d_model, **kwargs)
        self.key = self._projection("key", use_bias=False)

    def build(self, query_shape, memory_shape=None):
        self.key.build((None, None, self.d_model))

    def keys(self, memory):
        return self.key(memory)

    def scores(self, query, keys):
        return ops.matmul(query, ops.swapaxes(keys, -1, -2))
