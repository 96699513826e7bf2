"""The embedding: from token ids to vectors that carry their positions."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from tf_transformer.config.field_types import checked
from tf_transformer.config.stack_config import Positions
from tf_transformer.errors import require
from tf_transformer.layers.checks import require_pairs, require_sizes, require_token_ids
from tf_transformer.layers.dense import on_all_positions
from tf_transformer.layers.positions import sinusoids
from tf_transformer.layers.sequence_layer import SequenceLayer
from tf_transformer.layers.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="tf_transformer")
class PositionalEmbedding(SequenceLayer):
    """Embeds tokens, scaled by `sqrt(d_model)`, and adds their positions.

        x_pos = sqrt(d_model) E[token_pos] + PE(pos)

    With `reverse=True` it projects vectors to logits with the same table, `x E^T`: embedding and
    output projection then share their weights.

    Args:
        vocab_size: number of token ids.
        d_model: width of the vectors.
        positions: `"sinusoidal"`, `"learned"`, or `"rotary"`, which adds nothing here: attention
            rotates queries and keys instead. Defaults to `"sinusoidal"`.
        max_length: number of learned positions; the others have no limit. Defaults to 256.
        dropout: rate on the sum. Defaults to 0.

    Call arguments:
        inputs: int `(batch, length)`; with `reverse`, float `(batch, length, d_model)`.
        positions: the tokens' positions, int, broadcast to `(batch, length)`. Defaults to
            0, 1, 2, ….
        reverse: whether to project to logits.

    Returns:
        `(batch, length, d_model)`; with `reverse`, logits `(batch, length, vocab_size)`.

    Raises:
        UserError: for an unknown kind of positions (with the nearest name), an invalid size, or
            inputs that are not token ids or are longer than the learned positions.

    Example:
        ```python
        import numpy as np

        from tf_transformer.layers import PositionalEmbedding

        embedding = PositionalEmbedding(vocab_size=8000, d_model=128)
        x = embedding(np.array([[17, 4, 9]]))  # (1, 3, 128)
        logits = embedding(x, reverse=True)  # (1, 3, 8000)
        ```

    Reference:
        *Attention Is All You Need*, sections 3.4 and 3.5; Press & Wolf 2017, *Using the Output
        Embedding to Improve Language Models*.
    """

    def __init__(
        self,
        vocab_size: int,
        d_model: int,
        positions: str = "sinusoidal",
        max_length: int = 256,
        dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        require_sizes(vocab_size=vocab_size, d_model=d_model, max_length=max_length)
        if checked("positions", positions, Positions) == "sinusoidal":
            require_pairs("d_model", d_model)
        self.vocab_size = vocab_size
        self.d_model = d_model
        self.positions = positions
        self.max_length = max_length
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)

    def build(self, inputs_shape: Shape | None = None) -> None:
        initializer = keras.initializers.RandomNormal(stddev=self.d_model**-0.5)
        self.table = self.add_weight(
            shape=(self.vocab_size, self.d_model), initializer=initializer, name="table"
        )
        if self.positions == "learned":
            self.position_table = self.add_weight(
                shape=(self.max_length, self.d_model),
                initializer=keras.initializers.RandomNormal(stddev=0.02),
                name="position_table",
            )

    def __call__(self, inputs: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        if not kwargs.get("reverse"):
            require_token_ids("inputs", inputs, self.vocab_size)
        return super().__call__(inputs, *args, **kwargs)

    def call(
        self, inputs: Tensor, positions: Tensor | None = None, reverse: bool = False
    ) -> Tensor:
        if reverse:
            table = ops.transpose(self.table)
            return on_all_positions(lambda x: ops.matmul(x, table), inputs)  # (…, vocab_size)
        x = ops.take(self.table, inputs, axis=0) * self.d_model**0.5  # (batch, length, d_model)
        if self.positions != "rotary":
            x = x + self._encoding(self._count(inputs) if positions is None else positions)
        return self.dropout(x)

    def _count(self, inputs: Tensor) -> Tensor:
        length = ops.shape(inputs)[1]
        is_limited = self.positions == "learned" and isinstance(length, int)
        require(  # a GPU would read zeros
            not is_limited or length <= self.max_length,
            f"{length} positions are more than the {self.max_length} learned ones: "
            "shorten the inputs, or make the model with a larger max_length.",
        )
        return ops.arange(length)

    def _encoding(self, positions: Tensor) -> Tensor:
        if self.positions == "learned":
            return ops.take(self.position_table, positions, axis=0)
        return ops.cast(sinusoids(positions, self.d_model), self.compute_dtype)

    def compute_output_shape(self, inputs_shape: Shape) -> Shape:
        return (*inputs_shape[:2], self.d_model)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "vocab_size": self.vocab_size,
            "d_model": self.d_model,
            "positions": self.positions,
            "max_length": self.max_length,
            "dropout": self.dropout.rate,
        }
