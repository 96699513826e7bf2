"""The loss: cross-entropy per real token, with label smoothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
from keras import ops

if TYPE_CHECKING:
    from tf_transformer.layers.types import Tensor


def real_tokens(target_ids: Tensor) -> Tensor:
    """Return 1 at real tokens and 0 at padding (id 0), float32 of the same shape."""
    return ops.cast(ops.not_equal(target_ids, 0), "float32")


def in_rows(target_ids: Tensor, logits: Tensor) -> tuple[Tensor, Tensor]:
    """Return the logits `(batch * length, vocab)`, as float32, and the targets in one column.

    Loss and metrics all start with this function, and a graph computes their common parts once.
    """
    rows = ops.reshape(ops.cast(logits, "float32"), (-1, logits.shape[-1]))
    return rows, ops.cast(ops.reshape(target_ids, (-1, 1)), "int32")


def token_losses(target_ids: Tensor, logits: Tensor, smoothing: float = 0.0) -> Tensor:
    """Return the cross-entropy at each position.

    With smoothing ε the target token t should have the probability 1 - ε, and all tokens of the
    vocabulary V share ε equally:

        loss = -(1 - ε) log p_t - ε / |V| * sum(log p_v for v in V)
             = log(sum(exp(z_v) for v in V)) - (1 - ε) z_t - ε mean(z)

    for logits z and p = softmax(z).

    Args:
        target_ids: int `(batch, length)`.
        logits: `(batch, length, vocab)`, of any float type; the loss is computed in float32.
        smoothing: ε, from 0 to below 1. Defaults to 0.

    Returns:
        float32 `(batch, length)`. Padding has a loss too: mask it.

    Reference:
        Szegedy et al. 2016, *Rethinking the Inception Architecture*, section 7.
    """
    rows, targets = in_rows(target_ids, logits)  # (tokens, vocab), (tokens, 1)
    vocab_size = rows.shape[-1]

    @ops.custom_gradient  # reads and writes these largest of all tensors a fifth as often
    def losses(rows: Tensor) -> tuple[Tensor, Any]:
        largest = ops.max(rows, axis=-1, keepdims=True)
        powers = ops.exp(rows - largest)
        total = ops.sum(powers, axis=-1, keepdims=True)
        at_target = ops.take_along_axis(rows, targets, axis=-1)
        mean = ops.mean(rows, axis=-1, keepdims=True)
        values = largest + ops.log(total) - (1 - smoothing) * at_target - smoothing * mean

        def gradient(*args: Tensor, upstream: Tensor | None = None) -> Tensor:
            """Return softmax(z) minus the smoothed target, times the upstream gradient."""
            upstream = args[-1] if upstream is None else upstream  # (tokens, 1)
            slopes = powers * (upstream / total) - upstream * (smoothing / vocab_size)
            places = ops.arange(ops.shape(rows)[0])[:, None]
            places = ops.concatenate([places, targets], axis=1)  # (tokens, 2)
            at_target = (smoothing - 1) * upstream[:, 0]
            return ops.scatter_update(slopes, places, at_target, reduction="add")

        return values, gradient

    return ops.reshape(losses(rows), ops.shape(target_ids))


@keras.saving.register_keras_serializable(package="tf_transformer")
class SmoothedCrossEntropy(keras.losses.Loss):
    """The mean cross-entropy of a batch's real tokens, with label smoothing.

        loss = sum(mask * token_losses) / sum(mask),  mask = (y_true != 0)

    Args:
        smoothing: probability that all tokens share, from 0 to below 1. Defaults to 0.1.
        name: name of the loss. Defaults to `"smoothed_cross_entropy"`.

    Call arguments:
        y_true: int `(batch, length)`; padding is 0.
        y_pred: logits `(batch, length, vocab)`.

    Returns:
        A float32 scalar: the sum over real tokens, divided by their number.

    Example:
        ```python
        import numpy as np
        import tf_transformer as tft

        loss = tft.losses.SmoothedCrossEntropy(smoothing=0.1)
        target_ids = np.array([[5, 3, 0]])  # the last one is padding
        logits = np.zeros((1, 3, 8), "float32")
        float(loss(target_ids, logits))  # log(8) = 2.079
        ```

    Reference:
        *Attention Is All You Need*, section 5.4.
    """

    def __init__(
        self, smoothing: float = 0.1, name: str = "smoothed_cross_entropy", **kwargs: Any
    ) -> None:
        super().__init__(name=name, **{"reduction": "sum", "dtype": "float32"} | kwargs)
        self.smoothing = smoothing

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        mask = real_tokens(y_true)
        losses = token_losses(y_true, y_pred, self.smoothing) * mask
        return losses / ops.maximum(ops.sum(mask), 1.0)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"smoothing": self.smoothing}
