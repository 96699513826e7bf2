"""Multi-head attention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from tf_transformer.errors import require
from tf_transformer.layers.cache import Cache, KeysValues
from tf_transformer.layers.checks import require_pairs, require_sizes, require_vectors
from tf_transformer.layers.dense import Dense, batch_and
from tf_transformer.layers.fused_attention import fused_attention, may_fuse
from tf_transformer.layers.masks import masked_softmax
from tf_transformer.layers.normalization import make_norm
from tf_transformer.layers.positions import rotate
from tf_transformer.layers.sequence_layer import SequenceLayer, outputs
from tf_transformer.layers.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="tf_transformer")
class MultiHeadAttention(SequenceLayer):
    """Attends from each query position to the memory, in several heads side by side.

        Attention(Q, K, V) = softmax(Q K^T / sqrt(d_k)) V
        MultiHead(Q, K, V) = Concat(head_1, …, head_h) W^O
        head_i = Attention(Q W_i^Q, K W_i^K, V W_i^V),  d_k = d_model / h

    Without a memory this is self-attention: the query is its own memory. A call runs `keys_values`,
    then `attend`.

    With every option on, queries and keys are normalised, then rotated (`rotate`), and each head
    of keys and values serves `g = h / num_kv_heads` heads of queries:

        head_i = Attention(rotate(norm(Q W_i^Q)), rotate(norm(K W_j^K)), V W_j^V),  j = floor(i / g)

    To decode step by step, pass a cache: the query's keys and values are added to it, and the query
    attends to everything in it (after the memory, if there is one).

    On Keras's JAX backend, Keras's own operation attends where no weights are asked for, without
    dropout on them and without a cache. It uses a GPU's flash attention if it can, unless
    `keras.config.disable_flash_attention()` forbids that.

    Args:
        d_model: width of queries, memory and output.
        num_heads: number of heads, each `d_model / num_heads` wide.
        dropout: rate on the attention weights. Defaults to 0.
        rotary: whether queries and keys are rotated by their positions. Defaults to `False`.
        qk_norm: whether queries and keys are normalised (RMS, with a learned scale), which bounds
            their products. Defaults to `False`.
        num_kv_heads: heads of keys and values. Each serves `num_heads / num_kv_heads` heads of
            queries, and the cache is smaller by that factor. 0 means `num_heads`. Defaults to 0.
        zero_init: whether W^O, and thus the output, starts at zero. Defaults to `False`.

    Call arguments:
        query: `(batch, query_length, d_model)`.
        memory: `(batch, memory_length, d_model)`, or its `KeysValues`. Defaults to the query.
        attention_mask: bool, broadcast to `(batch, num_heads, query_length, memory_length)`,
            `True` where the query may attend. Defaults to everywhere. With a cache, the columns are
            the memory's positions, if there is a memory, and then the slots of the cache.
        cache: a `Cache` of earlier tokens. Defaults to none.
        return_weights: whether to return the attention weights too.

    Returns:
        `(batch, query_length, d_model)`. With `return_weights` the weights follow, float32
        `(batch, num_heads, query_length, memory_length)`, and with a cache, the new cache.

    Raises:
        UserError: if `num_heads` does not divide `d_model`, if `num_kv_heads` does not divide
            `num_heads`, or if a mask does not fit.

    Example:
        ```python
        import keras

        from tf_transformer.layers import MultiHeadAttention, causal_mask

        attention = MultiHeadAttention(d_model=128, num_heads=8)
        x = keras.random.normal((2, 10, 128))
        y, weights = attention(x, attention_mask=causal_mask(10), return_weights=True)
        y.shape  # (2, 10, 128)
        weights.shape  # (2, 8, 10, 10)
        ```

    Reference:
        *Attention Is All You Need*, section 3.2; Henry et al. 2020, *Query-Key Normalization for
        Transformers*; Ainslie et al. 2023, *GQA: Training Generalized Multi-Query Transformer
        Models*; Zhang et al. 2019, *Fixup Initialization* (`zero_init`).
    """

    def __init__(
        self,
        d_model: int,
        num_heads: int,
        dropout: float = 0.0,
        rotary: bool = False,
        qk_norm: bool = False,
        num_kv_heads: int = 0,
        zero_init: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        require_sizes(d_model=d_model, num_heads=num_heads, num_kv_heads=num_kv_heads or num_heads)
        require(
            d_model % num_heads == 0,
            f"d_model={d_model} is not divisible by num_heads={num_heads}.",
        )
        require(
            num_heads % (num_kv_heads or num_heads) == 0,
            f"num_heads={num_heads} is not divisible by num_kv_heads={num_kv_heads}.",
        )
        if rotary:
            require_pairs("d_model / num_heads", d_model // num_heads)
        self._takes_vectors(d_model)
        self.d_model = d_model
        self.num_heads = num_heads
        self.rotary = rotary
        self.num_kv_heads = num_kv_heads or num_heads
        self.zero_init = zero_init
        kv_width = self.num_kv_heads * (d_model // num_heads)
        self.query = self._projection("query", d_model)
        self.key = self._projection("key", kv_width)
        self.value = self._projection("value", kv_width)
        self.output_projection = self._projection(
            "output_projection", d_model, "zeros" if zero_init else "glorot_uniform"
        )
        self.query_norm = self._norm("query_norm") if qk_norm else None
        self.key_norm = self._norm("key_norm") if qk_norm else None
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)

    def _projection(self, name: str, width: int, initializer: str = "glorot_uniform") -> Dense:
        return Dense(width, kernel_initializer=initializer, name=name, dtype=self.dtype_policy)

    def _norm(self, name: str) -> keras.layers.Layer:
        return make_norm("rms_norm", name=name, dtype=self.dtype_policy)

    def build(self, query_shape: Shape, memory_shape: Shape | None = None) -> None:
        for projection in (self.query, self.key, self.value, self.output_projection):
            projection.build((None, None, self.d_model))
        for norm in filter(None, (self.query_norm, self.key_norm)):
            norm.build((None, None, None, self.d_model // self.num_heads))

    def call(
        self,
        query: Tensor,
        memory: Tensor | KeysValues | None = None,
        attention_mask: Tensor | None = None,
        cache: Cache | None = None,
        return_weights: bool = False,
    ) -> Tensor | tuple[Tensor, ...]:
        if cache is not None:
            if memory is not None and not isinstance(memory, KeysValues):
                memory = self.keys_values(memory)
            positions, cache = cache.positions, cache.add(self.keys_values(query, cache.positions))
            keys, values = memory.then(cache.kept) if memory is not None else cache.kept
        elif isinstance(memory, KeysValues):
            positions, (keys, values) = None, memory
        else:
            positions, (keys, values) = None, self.keys_values(query if memory is None else memory)
        if cache is None and not return_weights and not self.dropout.rate and may_fuse():
            found = fused_attention(self._queries(query), keys, values, attention_mask)
            return self.output_projection(self._join(found))
        output, weights = self.attend(query, keys, values, attention_mask, positions)
        return outputs(output, weights if return_weights else None, cache)

    def keys_values(self, memory: Tensor, positions: Tensor | None = None) -> KeysValues:
        """Project the memory to keys and values.

        Args:
            memory: `(batch, memory_length, d_model)`.
            positions: the memory's positions, for rotary attention, int `(memory_length,)` or
                broadcast to `(batch, memory_length)`. Defaults to 0, 1, 2, ….

        Returns:
            Keys and values, each `(batch, num_kv_heads, memory_length, d_model / num_heads)`.
        """
        require_vectors("memory", memory, self.d_model)
        return KeysValues(
            self._placed(self._split(self.key(memory)), self.key_norm, positions),
            self._split(self.value(memory)),
        )

    def attend(
        self,
        query: Tensor,
        keys: Tensor,
        values: Tensor,
        attention_mask: Tensor | None = None,
        positions: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Attend to keys and values.

            softmax(Q K^T / sqrt(d_k)) V, in each head; then the heads joined, times W^O

        Args:
            query: `(batch, query_length, d_model)`.
            keys: `(batch, num_kv_heads, memory_length, d_model / num_heads)`.
            values: of the same shape.
            attention_mask: as in a call.
            positions: the queries' positions, for rotary attention, int `(query_length,)` or
                broadcast to `(batch, query_length)`. Defaults to 0, 1, 2, ….

        Returns:
            Output `(batch, query_length, d_model)` and float32 weights
            `(batch, num_heads, query_length, memory_length)`.
        """
        query = self._queries(query, positions)
        scores = _products(query * (self.d_model // self.num_heads) ** -0.5, keys)
        weights = masked_softmax(scores, attention_mask)  # (batch, heads, query, memory)
        shares = self.dropout(ops.cast(weights, values.dtype))
        return self.output_projection(self._join(_sums(shares, values))), weights

    def _queries(self, query: Tensor, positions: Tensor | None = None) -> Tensor:
        return self._placed(self._split(self.query(query)), self.query_norm, positions)

    def _placed(
        self, x: Tensor, norm: keras.layers.Layer | None, positions: Tensor | None
    ) -> Tensor:
        """Normalise queries or keys and rotate them to their positions, if options say so."""
        x = norm(x) if norm else x
        if not self.rotary:
            return x
        return rotate(x, ops.arange(ops.shape(x)[2]) if positions is None else positions)

    def _split(self, x: Tensor) -> Tensor:
        width = self.d_model // self.num_heads
        if x.shape[1] == 1:  # one token: there is nothing to transpose
            return ops.reshape(x, (-1, x.shape[-1] // width, 1, width))
        x = ops.reshape(x, (*batch_and(x, 1), x.shape[-1] // width, width))
        return ops.transpose(x, (0, 2, 1, 3))  # (batch, heads, length, d_model / heads)

    def _join(self, x: Tensor) -> Tensor:
        sizes = batch_and(x, 2)
        if x.shape[2] != 1:
            x = ops.transpose(x, (0, 2, 1, 3))
        return ops.reshape(x, (*sizes, self.d_model))  # (batch, length, d_model)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "d_model": self.d_model,
            "num_heads": self.num_heads,
            "dropout": self.dropout.rate,
            "rotary": self.rotary,
            "qk_norm": self.query_norm is not None,
            "num_kv_heads": self.num_kv_heads if self.num_kv_heads != self.num_heads else 0,
            "zero_init": self.zero_init,
        }


def _products(query: Tensor, keys: Tensor) -> Tensor:
    """Return the dot product of each query with each key, in each head."""
    if query.shape[2] == 1:  # a decoding step: there are many keys, which are better not transposed
        return _of_heads(_turned_product, query, keys)
    return _of_heads(lambda q, k: ops.matmul(q, ops.swapaxes(k, -1, -2)), query, keys)


def _turned_product(query: Tensor, keys: Tensor) -> Tensor:
    return ops.swapaxes(ops.matmul(keys, ops.swapaxes(query, -1, -2)), -1, -2)


def _sums(shares: Tensor, values: Tensor) -> Tensor:
    """Return the sum of the values, weighted by each query's shares, in each head."""
    return _of_heads(ops.matmul, shares, values)


def _of_heads(product: Callable[[Tensor, Tensor], Tensor], x: Tensor, y: Tensor) -> Tensor:
    """Return the product of each head of queries with its head of the memory.

    Heads of queries that share a head of the memory are laid end to end, as one long head.

    Args:
        product: of `(batch, heads, queries, …)` and `(batch, heads, memory_length, …)`.
        x: of the queries, `(batch, num_heads, query_length, …)`.
        y: of the memory, `(batch, num_kv_heads, memory_length, …)`.
    """
    if x.shape[1] == y.shape[1]:
        return product(x, y)
    batch, heads, length, width = ops.shape(x)
    x = ops.reshape(x, (batch, y.shape[1], heads // y.shape[1] * length, width))
    found = product(x, y)
    return ops.reshape(found, (batch, heads, length, ops.shape(found)[-1]))
