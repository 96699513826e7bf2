"""The connection around every sublayer."""

from __future__ import annotations

import inspect
from typing import Any

import keras

from tf_transformer.config.field_types import checked
from tf_transformer.config.stack_config import Norm
from tf_transformer.layers.normalization import make_norm
from tf_transformer.layers.sequence_layer import SequenceLayer, outputs, parts
from tf_transformer.layers.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="tf_transformer")
class Residual(SequenceLayer):
    """Adds a sublayer's output to its input, with dropout and a norm before or after.

        pre:  x + Dropout(Sublayer(Norm(x)))
        post: Norm(x + Dropout(Sublayer(x)))

    Args:
        sublayer: the inner layer, from `(batch, length, d_model)` to the same shape.
        norm: `"pre"` or `"post"`. Defaults to `"pre"`.
        dropout: rate on the sublayer's output. Defaults to 0.
        normalization: `"layer_norm"` or `"rms_norm"`. Defaults to `"layer_norm"`.

    Call arguments:
        x: `(batch, length, d_model)`.
        *args: more tensors for the sublayer.
        return_weights: whether the sublayer should return its attention weights too.
        **kwargs: more tensors for the sublayer, by name.

    Returns:
        `(batch, length, d_model)`. If the sublayer returns a tuple, its further elements follow.

    Raises:
        UserError: for an unknown `norm` or `normalization`.

    Example:
        ```python
        import keras

        from tf_transformer.layers import FeedForward, Residual

        block = Residual(FeedForward(d_model=128, d_ff=512), norm="pre", dropout=0.1)
        y = block(keras.random.normal((2, 10, 128)))  # (2, 10, 128)
        ```

    Reference:
        *Attention Is All You Need*, sections 3.1 and 5.4 (post); Xiong et al. 2020, *On Layer
        Normalization in the Transformer Architecture* (pre); Zhang & Sennrich 2019, *Root Mean
        Square Layer Normalization*.
    """

    def __init__(
        self,
        sublayer: keras.layers.Layer,
        norm: str = "pre",
        dropout: float = 0.0,
        normalization: str = "layer_norm",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sublayer = sublayer
        self.norm = checked("norm", norm, Norm)
        self.supports_masking = sublayer.supports_masking
        self.normalization = normalization
        # Weight files know it by this name, whichever kind it is.
        self.layer_norm = make_norm(normalization, name="layer_norm", dtype=self.dtype_policy)
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)

    def build(self, x_shape: Shape) -> None:
        if not self.sublayer.built and _builds_from_one_shape(self.sublayer):
            self.sublayer.build(x_shape)  # otherwise its first call builds it
        self.layer_norm.build(x_shape)

    def call(
        self, x: Tensor, *args: Tensor, return_weights: bool = False, **kwargs: Tensor
    ) -> Tensor | tuple[Tensor, ...]:
        if return_weights:
            kwargs["return_weights"] = True
        y = self.sublayer(self.layer_norm(x) if self.norm == "pre" else x, *args, **kwargs)
        y, *others = parts(y)
        x = x + self.dropout(y)
        return outputs(self.layer_norm(x) if self.norm == "post" else x, *others)

    def get_config(self) -> dict[str, Any]:
        sublayer = keras.saving.serialize_keras_object(self.sublayer)
        sublayer.pop("build_config", None)  # this layer builds it, under its own name
        return super().get_config() | {
            "sublayer": sublayer,
            "norm": self.norm,
            "dropout": self.dropout.rate,
            "normalization": self.normalization,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Residual:
        """Make the layer and its sublayer from `get_config`."""
        sublayer = keras.saving.deserialize_keras_object(config["sublayer"])
        return cls(**config | {"sublayer": sublayer})


def _builds_from_one_shape(layer: keras.layers.Layer) -> bool:
    _, *others = inspect.signature(layer.build).parameters.values()
    return all(other.default is not other.empty for other in others)
