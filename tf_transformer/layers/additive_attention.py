"""Additive attention."""

import keras
from keras import ops

from tf_transformer.layers.scored_attention import ScoredAttention


@keras.saving.register_keras_serializable(package="tf_transformer")
class AdditiveAttention(ScoredAttention):
    """Scores by a small feed-forward network.

        score(q, h) = v · tanh(W q + U h + b)

    Args:
        *args: as of `ScoredAttention`, whose call it has.

    Reference:
        Bahdanau, Cho & Bengio 2015, *Neural Machine Translation by Jointly Learning to Align and
        Translate*, appendix A.1.2.
    """

    def __init__(self, d_model, **kwargs):
        super().__init__(d_model, **kwargs)
        self.query = self._projection("query", use_bias=False)
        self.key = self._projection("key", use_bias=True)
        self.score = keras.layers.Dense(1, use_bias=False, name="score", dtype=self.dtype_policy)

    def build(self, query_shape, memory_shape=None):
        self.query.build((None, None, self.d_model))
        self.key.build((None, None, self.d_model))
        self.score.build((None, None, None, self.d_model))

    def keys(self, memory):
        return self.key(memory)

    def scores(self, query, keys):
        sums = self.query(query)[:, :, None] + keys[:, None]  # (batch, query, memory, d_model)
        return self.score(ops.tanh(sums))[..., 0]
