"""The position-wise feed-forward network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from tf_transformer.errors import UserError, suggest
from tf_transformer.layers.checks import require_sizes
from tf_transformer.layers.dense import Dense
from tf_transformer.layers.sequence_layer import SequenceLayer
from tf_transformer.layers.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="tf_transformer")
class FeedForward(SequenceLayer):
    """Two dense layers with an activation between, applied to each position alike.

        FFN(x) = max(0, x W1 + b1) W2 + b2

    Args:
        d_model: width of input and output.
        d_ff: width between.
        activation: `"relu"` or another Keras activation. Defaults to `"relu"`.
        dropout: rate on the hidden units. Defaults to 0.

    Call arguments:
        x: `(batch, length, d_model)`.

    Returns:
        `(batch, length, d_model)`.

    Raises:
        UserError: for a size that cannot be, or an unknown activation (with the nearest name).

    Example:
        ```python
        import keras

        from tf_transformer.layers import FeedForward

        feed_forward = FeedForward(d_model=128, d_ff=512)
        y = feed_forward(keras.random.normal((2, 10, 128)))  # (2, 10, 128)
        ```

    Reference:
        *Attention Is All You Need*, section 3.3.
    """

    def __init__(
        self,
        d_model: int,
        d_ff: int,
        activation: str | Callable[[Tensor], Tensor] = "relu",
        dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        require_sizes(d_model=d_model, d_ff=d_ff)
        self._takes_vectors(d_model)
        self.supports_masking = True
        self.d_model = d_model
        self.d_ff = d_ff
        self.activation = _activation(activation)
        self.inner = Dense(d_ff, activation=self.activation, name="inner", dtype=self.dtype_policy)
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)
        self.outer = Dense(d_model, name="outer", dtype=self.dtype_policy)

    def build(self, x_shape: Shape | None = None) -> None:
        self.inner.build((None, None, self.d_model))
        self.outer.build((None, None, self.d_ff))

    def call(self, x: Tensor) -> Tensor:
        hidden = self.dropout(self.inner(x))  # (batch, length, d_ff)
        return self.outer(hidden)  # (batch, length, d_model)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "d_model": self.d_model,
            "d_ff": self.d_ff,
            "activation": keras.activations.serialize(self.activation),
            "dropout": self.dropout.rate,
        }


def _activation(name: str | Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    try:
        return keras.activations.get(name)
    except ValueError:
        names = [each for each in dir(keras.activations) if each[0] != "_"]
        raise UserError(f"activation={name!r} is unknown: {suggest(str(name), names)}") from None
