"""The recurrent encoder."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from tf_transformer.config.field_types import checked
from tf_transformer.config.rnn_config import Cell
from tf_transformer.errors import require
from tf_transformer.layers.checks import require_sizes
from tf_transformer.layers.sequence_layer import SequenceLayer
from tf_transformer.layers.types import Shape, Tensor

CELLS = {"gru": keras.layers.GRU, "lstm": keras.layers.LSTM}


@keras.saving.register_keras_serializable(package="tf_transformer")
class RecurrentEncoder(SequenceLayer):
    """Reads a text in both directions: each word's annotation knows the words around it.

        forward_t = RNN(forward_{t-1}, x_t),  backward_t = RNN(backward_{t+1}, x_t)
        annotation_t = [forward_t; backward_t]

    Padding is skipped: it changes no annotation of a real token.

    Args:
        num_layers: number of layers.
        d_model: width of input and annotations; each direction has half of it.
        cell: `"gru"` or `"lstm"`. Defaults to `"gru"`.
        dropout: rate after each layer. Defaults to 0.

    Call arguments:
        x: `(batch, length, d_model)`.
        is_real: bool `(batch, length)`, `True` at real tokens, which must all come before the
            padding. Defaults to everywhere.

    Returns:
        Annotations, `(batch, length, d_model)`: forward states, then backward states.

    Raises:
        UserError: for an invalid size, or an unknown cell (with the nearest name).

    Example:
        ```python
        import keras

        from tf_transformer.layers import RecurrentEncoder

        encoder = RecurrentEncoder(num_layers=1, d_model=64)
        annotations = encoder(keras.random.normal((2, 9, 64)))  # (2, 9, 64)
        ```

    Reference:
        Bahdanau, Cho & Bengio 2015, section 3.2.
    """

    def __init__(
        self,
        num_layers: int,
        d_model: int,
        cell: str = "gru",
        dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        require_sizes(num_layers=num_layers, d_model=d_model)
        require(d_model % 2 == 0, f"d_model={d_model} is odd: each direction has half.")
        self._takes_vectors(d_model)
        self.d_model = d_model
        self.cell = checked("cell", cell, Cell)
        self.forward_layers, self.backward_layers = (
            [
                CELLS[cell](
                    d_model // 2,
                    return_sequences=True,
                    go_backwards=side == "backward",
                    name=f"{side}_{i}",
                    dtype=self.dtype_policy,
                )
                for i in range(num_layers)
            ]
            for side in ("forward", "backward")
        )
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)

    def build(self, x_shape: Shape | None = None) -> None:
        for layer in (*self.forward_layers, *self.backward_layers):
            layer.build((None, None, self.d_model))

    def call(self, x: Tensor, is_real: Tensor | None = None) -> Tensor:
        for forward, backward in zip(self.forward_layers, self.backward_layers, strict=True):
            backward_states = ops.flip(backward(x, mask=is_real), axis=1)
            x = ops.concatenate([forward(x, mask=is_real), backward_states], axis=-1)
            x = self.dropout(x)
        return x

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "num_layers": len(self.forward_layers),
            "d_model": self.d_model,
            "cell": self.cell,
            "dropout": self.dropout.rate,
        }
