"""The position-wise feed-forward network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from tf_transformer.errors import UserError, suggest
from tf_transformer.layers.checks import require_sizes
from tf_transformer.layers.dense import Dense
from tf_transformer.layers.sequence_layer import SequenceLayer
from tf_transformer.layers.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="tf_transformer")
class FeedForward(SequenceLayer):
    """Two dense layers with an activation between them, applied to each position alike.

        relu:   FFN(x) = max(0, x W1 + b1) W2 + b2
        relu2:  FFN(x) = max(0, x W1 + b1)^2 W2 + b2
        gelu:   FFN(x) = GELU(x W1 + b1) W2 + b2
        swiglu: FFN(x) = (Swish(x V + c) * (x W1 + b1)) W2 + b2,  Swish(y) = y sigmoid(y)
        geglu:  FFN(x) = (GELU(x V + c) * (x W1 + b1)) W2 + b2

    The last two have a third matrix, V: the gate. To compare them with the others at the same
    number of weights, use 2/3 of the `d_ff`.

    Args:
        d_model: width of input and output.
        d_ff: width of the hidden layer.
        activation: one of the above, or another Keras activation. Defaults to `"relu"`.
        dropout: rate on the hidden units. Defaults to 0.
        zero_init: whether W2, and thus the output, starts at zero. Defaults to `False`.

    Call arguments:
        x: `(batch, length, d_model)`.

    Returns:
        `(batch, length, d_model)`.

    Raises:
        UserError: for an invalid size, or an unknown activation (with the nearest name).

    Example:
        ```python
        import keras

        from tf_transformer.layers import FeedForward

        feed_forward = FeedForward(d_model=128, d_ff=512)
        y = feed_forward(keras.random.normal((2, 10, 128)))  # (2, 10, 128)
        ```

    Reference:
        *Attention Is All You Need*, section 3.3; Shazeer 2020, *GLU Variants Improve Transformer*;
        So et al. 2021, *Primer* (`relu2`).
    """

    def __init__(
        self,
        d_model: int,
        d_ff: int,
        activation: str | Callable[[Tensor], Tensor] = "relu",
        dropout: float = 0.0,
        zero_init: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        require_sizes(d_model=d_model, d_ff=d_ff)
        self._takes_vectors(d_model)
        self.supports_masking = True
        self.d_model = d_model
        self.d_ff = d_ff
        self.activation = (
            activation if isinstance(activation, str) else keras.activations.get(activation)
        )
        self.zero_init = zero_init
        of_gate = _GATES.get(self.activation)
        self.inner = self._inner("inner", None if of_gate else _activation(self.activation))
        self.gate = self._inner("gate", _activation(of_gate)) if of_gate else None
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)
        self.outer = Dense(
            d_model,
            kernel_initializer="zeros" if zero_init else "glorot_uniform",
            name="outer",
            dtype=self.dtype_policy,
        )

    def _inner(self, name: str, activation: Callable[[Tensor], Tensor] | None) -> Dense:
        return Dense(self.d_ff, activation=activation, name=name, dtype=self.dtype_policy)

    def build(self, x_shape: Shape | None = None) -> None:
        for dense in filter(None, (self.inner, self.gate)):
            dense.build((None, None, self.d_model))
        self.outer.build((None, None, self.d_ff))

    def call(self, x: Tensor) -> Tensor:
        hidden = self.inner(x)  # (batch, length, d_ff)
        if self.gate:
            hidden = self.gate(x) * hidden
        return self.outer(self.dropout(hidden))  # (batch, length, d_model)

    def get_config(self) -> dict[str, Any]:
        activation = self.activation
        if not isinstance(activation, str):
            activation = keras.activations.serialize(activation)
        return super().get_config() | {
            "d_model": self.d_model,
            "d_ff": self.d_ff,
            "activation": activation,
            "dropout": self.dropout.rate,
            "zero_init": self.zero_init,
        }


def squared_relu(x: Tensor) -> Tensor:
    """Return `max(0, x)^2`."""
    return ops.square(ops.relu(x))


_OWN = {"relu2": squared_relu}
_GATES = {"swiglu": "silu", "geglu": "gelu"}  # the activation of each one's gate


def _activation(name: str | Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    try:
        return _OWN.get(name) or keras.activations.get(name)
    except ValueError:
        names = [each for each in dir(keras.activations) if each[0] != "_"]
        names += [*_OWN, *_GATES]
        raise UserError(f"activation={name!r} is unknown: {suggest(str(name), names)}") from None
