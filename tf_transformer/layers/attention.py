"""Multi-head attention."""

import keras
from keras import ops

from tf_transformer.layers.dense import Dense, batch_and
from tf_transformer.layers.masks import masked_softmax
from tf_transformer.layers.positions import rotate
from tf_transformer.layers.traced import Traced


@keras.saving.register_keras_serializable(package="tf_transformer")
class MultiHeadAttention(Traced, keras.layers.Layer):
    """Attends from each query position to the memory, in several heads side by side.

        Attention(Q, K, V) = softmax(Q K^T / sqrt(d_k)) V

    Self-attention when no memory is given: the memory is then the query itself. For step-by-step
    decoding, `keys_values` and `attend` are the two halves of a call: the keys and values of what
    was seen before can be kept.

    Args:
        d_model: width of queries, memory and output.
        num_heads: number of heads, each `d_model / num_heads` wide.
        dropout: rate on the attention weights. Defaults to 0.
        rotary: whether queries and keys are rotated by their positions. Defaults to `False`.

    Call arguments:
        query: `(batch, query_length, d_model)`.
        memory: `(batch, memory_length, d_model)`. Defaults to the query.
        attention_mask: bool, broadcast to `(batch, num_heads, query_length, memory_length)`,
            `True` where the query may attend. Defaults to everywhere.
        return_weights: whether to return the attention weights too.

    Returns:
        `(batch, query_length, d_model)`, and with `return_weights` also the weights
        `(batch, num_heads, query_length, memory_length)`.

    Reference:
        *Attention Is All You Need*, section 3.2.
    """

    def __init__(self, d_model, num_heads, dropout=0.0, rotary=False, **kwargs):
        super().__init__(**kwargs)
        if d_model % num_heads:
            raise ValueError(f"d_model={d_model} is not divisible by num_heads={num_heads}.")
        self.d_model = d_model
        self.num_heads = num_heads
        self.rotary = rotary
        self.query = self._projection("query")
        self.key = self._projection("key")
        self.value = self._projection("value")
        self.output_projection = self._projection("output_projection")
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)

    def _projection(self, name):
        return Dense(self.d_model, name=name, dtype=self.dtype_policy)

    def build(self, query_shape, memory_shape=None):
        for projection in (self.query, self.key, self.value, self.output_projection):
            projection.build((None, None, self.d_model))

    def call(self, query, memory=None, attention_mask=None, training=None, return_weights=False):
        keys, values = self.keys_values(query if memory is None else memory)
        output, weights = self.attend(query, keys, values, attention_mask, training=training)
        return (output, weights) if return_weights else output

    def keys_values(self, memory, positions=None):
        """Project the memory to keys and values.

        Args:
            memory: `(batch, memory_length, d_model)`.
            positions: where it stands, for rotary positions, int `(memory_length,)` or
                `(batch, memory_length)`. Defaults to 0, 1, 2, ….

        Returns:
            Keys and values, each `(batch, num_heads, memory_length, d_model / num_heads)`.
        """
        return self._heads(self.key(memory), positions), self._split(self.value(memory))

    def update_cache(self, memory, positions, slot, cache):
        """Keep the keys and values of more positions.

        Args:
            memory: `(batch, length, d_model)`.
            positions: as in `keys_values`.
            slot: int scalar, where there is room for the first one's key and value.
            cache: keys and values, each `(batch, num_heads, slots, d_model / num_heads)`.

        Returns:
            The cache with the new keys and values, from `slot` on.
        """
        return tuple(
            ops.slice_update(past, (0, 0, slot, 0), ops.cast(new, past.dtype))
            for past, new in zip(cache, self.keys_values(memory, positions), strict=True)
        )

    def attend(self, query, keys, values, attention_mask=None, positions=None, training=None):
        """Attend to keys and values.

        Args:
            query: `(batch, query_length, d_model)`.
            keys: `(batch, num_heads, memory_length, d_model / num_heads)`.
            values: of the same shape.
            attention_mask: as in a call.
            positions: where the queries stand, for rotary positions, int `(query_length,)` or
                `(batch, query_length)`. Defaults to 0, 1, 2, ….

        Returns:
            Output `(batch, query_length, d_model)` and float32 weights
            `(batch, num_heads, query_length, memory_length)`.
        """
        query = self._heads(self.query(query), positions) * (self.d_model // self.num_heads) ** -0.5
        scores = _products(query, keys)  # (batch, heads, query, memory)
        weights = masked_softmax(scores, attention_mask)
        shares = self.dropout(ops.cast(weights, values.dtype), training=training)
        return self.output_projection(self._join(ops.matmul(shares, values))), weights

    def _heads(self, x, positions):
        """Split queries or keys into heads, rotated to their positions if that is wanted."""
        x = self._split(x)
        if not self.rotary:
            return x
        return rotate(x, ops.arange(ops.shape(x)[2]) if positions is None else positions)

    def _split(self, x):
        heads = (self.num_heads, self.d_model // self.num_heads)
        x = ops.reshape(x, (*batch_and(x, 1), *heads))
        return ops.transpose(x, (0, 2, 1, 3))  # (batch, heads, length, d_model / heads)

    def _join(self, x):
        sizes = batch_and(x, 2)
        x = ops.transpose(x, (0, 2, 1, 3))
        return ops.reshape(x, (*sizes, self.d_model))  # (batch, length, d_model)

    def compute_output_shape(self, query_shape, memory_shape=None):
        return query_shape

    def get_config(self):
        return super().get_config() | {
            "d_model": self.d_model,
            "num_heads": self.num_heads,
            "dropout": self.dropout.rate,
            "rotary": self.rotary,
        }


def _products(query, keys):
    """Return the dot product of each query with each key, of each head."""
    if query.shape[2] == 1:  # a step of decoding: the keys are many, and stay where they are
        return ops.swapaxes(ops.matmul(keys, ops.swapaxes(query, -1, -2)), -1, -2)
    return ops.matmul(query, ops.swapaxes(keys, -1, -2))
