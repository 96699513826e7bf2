"""The cache of step-by-step decoding: what it keeps of the tokens so far."""

from __future__ import annotations

from typing import NamedTuple

from keras import ops

from tf_transformer.layers.types import Tensor


class KeysValues(NamedTuple):
    """The keys and values of some positions: all that later positions need of them.

    Fields:
        keys: `(batch, num_kv_heads, length, d_model / num_heads)`.
        values: of the same shape.

    Example:
        ```python
        import keras

        from tf_transformer.layers import MultiHeadAttention

        attention = MultiHeadAttention(d_model=16, num_heads=2)
        kept = attention.keys_values(keras.random.normal((1, 7, 16)))
        kept.keys  # (1, 2, 7, 8)
        kept.then(kept).values  # (1, 2, 14, 8)
        ```
    """

    keys: Tensor
    values: Tensor

    def then(self, others: KeysValues) -> KeysValues:
        """Return these keys and values, followed by others."""
        pairs = zip(self, others, strict=True)
        return KeysValues(*(ops.concatenate(pair, axis=2) for pair in pairs))


class Cache(NamedTuple):
    """Keys and values of the tokens so far, and where those of the next tokens go.

    A layer's cache keeps one `KeysValues`; a stack's cache keeps a list with one for each layer.
    Adding tokens copies nothing: they are written into free slots.

    Fields:
        kept: `KeysValues` of all slots, or a list of these. (A recurrent decoder keeps its states.)
        slot: int scalar, the first free slot, where the next tokens go.
        positions: int, broadcast to `(batch, length)`: the next tokens' positions in their text.

    Example:
        ```python
        import keras
        import numpy as np

        from tf_transformer.layers import Cache, CausalDecoder

        decoder = CausalDecoder(num_layers=1, d_model=16, num_heads=2, d_ff=32)
        cache = Cache.empty(layers=1, shape=(1, 2, 5, 8), dtype="float32")
        for t, x in enumerate(keras.random.normal((3, 1, 1, 16))):  # 3 tokens, one by one
            cache = cache.at(t, positions=[[t]])
            y, cache = decoder(x, attention_mask=np.arange(5) <= t, cache=cache)
        y.shape  # (1, 1, 16)
        ```
    """

    kept: KeysValues | list[KeysValues] | Tensor
    slot: Tensor
    positions: Tensor

    @classmethod
    def empty(cls, layers: int, shape: tuple[Tensor | int, ...], dtype: str) -> Cache:
        """Return the empty cache of a stack.

        Args:
            layers: number of layers.
            shape: of the keys of a layer, `(batch, num_kv_heads, slots, d_model / num_heads)`.
            dtype: of keys and values.
        """
        zeros = ops.zeros(shape, dtype)
        positions = ops.arange(shape[2])[None]  # (1, slots)
        return cls([KeysValues(zeros, zeros)] * layers, ops.convert_to_tensor(0), positions)

    def at(self, slot: Tensor, positions: Tensor) -> Cache:
        """Return this cache, ready for the next tokens.

        Args:
            slot: see the field.
            positions: see the field.
        """
        slot, positions = (ops.convert_to_tensor(x, dtype="int32") for x in (slot, positions))
        return self._replace(slot=slot, positions=positions)

    def add(self, new: KeysValues) -> Cache:
        """Return a layer's cache with the keys and values of the next tokens added.

        Args:
            new: their keys and values, `(batch, num_kv_heads, length, d_model / num_heads)`.
        """
        pairs = zip(self.kept, new, strict=True)
        start = (0, 0, self.slot, 0)
        return self._replace(
            kept=KeysValues(
                *(ops.slice_update(past, start, ops.cast(x, past.dtype)) for past, x in pairs)
            )
        )

    def of_layers(self) -> list[Cache]:
        """Divide a stack's cache into one for each layer."""
        return [self._replace(kept=kept) for kept in self.kept]

    def joined(self, layers: list[Cache]) -> Cache:
        """Return a stack's cache, made of the caches of its layers."""
        return self._replace(kept=[layer.kept for layer in layers])
