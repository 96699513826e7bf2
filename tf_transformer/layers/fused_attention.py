"""Attention by Keras's own operation, which may be one kernel."""

from __future__ import annotations

import keras
from keras import ops

from tf_transformer.layers.checks import require_attention_mask
from tf_transformer.layers.types import Tensor


def may_fuse() -> bool:
    """Whether Keras's own operation may attend: on JAX, unless the user forbids flash attention."""
    is_forbidden = keras.config.is_flash_attention_enabled() is False
    return keras.backend.backend() == "jax" and not is_forbidden


def fused_attention(
    query: Tensor, keys: Tensor, values: Tensor, attention_mask: Tensor | None = None
) -> Tensor:
    """Attend without keeping the weights.

        softmax(Q K^T / sqrt(d_k)) V, in each head

    On a GPU, Keras takes cuDNN's flash attention where it works, which needs bfloat16 or float16,
    and what XLA makes of the formula elsewhere.

    Args:
        query: `(batch, num_heads, query_length, d_k)`.
        keys: `(batch, num_kv_heads, memory_length, d_k)`.
        values: of the same shape.
        attention_mask: bool, broadcast to `(batch, num_heads, query_length, memory_length)`, `True`
            where the query may attend. Defaults to everywhere.

    Returns:
        `(batch, num_heads, query_length, d_k)`.
    """
    batch, heads, queries, _ = query.shape
    shape = (batch, heads, queries, keys.shape[2])
    mask = None
    if attention_mask is not None:
        mask = ops.convert_to_tensor(attention_mask)
        require_attention_mask(mask, shape)
        of_heads = mask.shape[-3] if len(mask.shape) > 2 else 1
        # cuDNN broadcasts over heads alone.
        mask = ops.broadcast_to(ops.cast(mask, "bool"), (batch, of_heads, *shape[2:]))
    is_odd = queries % 2 or keys.shape[2] % 2  # the gradient of cuDNN's kernel refuses such lengths
    output = ops.dot_product_attention(
        *(ops.transpose(x, (0, 2, 1, 3)) for x in (query, keys, values)),
        mask=mask,
        flash_attention=False if is_odd else None,  # Keras decides
    )
    return ops.transpose(output, (0, 2, 1, 3))
