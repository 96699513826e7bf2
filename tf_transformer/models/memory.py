"""The memory: what decoding steps attend to besides the tokens written so far."""

from __future__ import annotations

from typing import NamedTuple

from tf_transformer.layers import KeysValues
from tf_transformer.layers.types import Tensor


class Memory(NamedTuple):
    """What a model has read: a source, or a prompt.

    Fields:
        keys_values: for each layer, the `KeysValues` of what was read. (A recurrent model keeps
            what its attention needs.)
        mask: bool `(batch, 1, 1, length)`, `True` at real tokens.

    Example:
        ```python
        import numpy as np

        from tf_transformer.models import Transformer

        model = Transformer({"num_layers": 2, "d_model": 16, "num_heads": 2})
        memory = model.read(np.array([[17, 45, 3, 0]]))
        memory.mask  # [[[[True, True, True, False]]]]
        len(memory.keys_values)  # 2
        ```
    """

    keys_values: list[KeysValues] | tuple[Tensor, ...]
    mask: Tensor
