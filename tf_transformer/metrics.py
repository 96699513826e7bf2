"""Metrics per real target token: sums over all tokens of all batches, divided by their number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
from keras import ops

from tf_transformer.losses import in_rows, real_tokens, token_losses

if TYPE_CHECKING:
    from tf_transformer.layers.types import Tensor


class _TokenMean(keras.metrics.Mean):
    """The mean of values at real tokens."""

    def add(self, values: Tensor, target_ids: Tensor) -> None:
        """Count values `(batch, length)` at the tokens that are not padding."""
        # As one row: Keras would average each row first, and weigh tokens by their rows' lengths.
        super().update_state(ops.ravel(values), ops.ravel(real_tokens(target_ids)))


@keras.saving.register_keras_serializable(package="tf_transformer")
class TokenLoss(_TokenMean):
    """The smoothed cross-entropy per token.

    With the name `loss` it replaces Keras's own mean, which weighs batches by their rows, not by
    their tokens.

    Args:
        smoothing: see `SmoothedCrossEntropy`. Defaults to 0.1.
        name: name of the metric. Defaults to `"loss"`.

    Call arguments:
        y_true: int `(batch, length)`; padding is 0.
        y_pred: logits `(batch, length, vocab)`.

    Example:
        ```python
        import numpy as np
        import tf_transformer as tft

        metric = tft.metrics.TokenLoss()
        metric.update_state(np.array([[5, 3, 0]]), np.zeros((1, 3, 8), "float32"))
        float(metric.result())  # log(8) = 2.079
        ```
    """

    def __init__(self, smoothing: float = 0.1, name: str = "loss", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.smoothing = smoothing

    def update_state(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None
    ) -> None:
        self.add(token_losses(y_true, y_pred, self.smoothing), y_true)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"smoothing": self.smoothing}


@keras.saving.register_keras_serializable(package="tf_transformer")
class Perplexity(_TokenMean):
    """The exponential of the cross-entropy per token, without smoothing.

        perplexity = exp(-mean(log p(token)))

    Args:
        name: name of the metric. Defaults to `"perplexity"`.

    Call arguments:
        y_true: int `(batch, length)`; padding is 0.
        y_pred: logits `(batch, length, vocab)`.

    Example:
        ```python
        import numpy as np
        import tf_transformer as tft

        metric = tft.metrics.Perplexity()
        metric.update_state(np.array([[5, 3, 0]]), np.zeros((1, 3, 8), "float32"))
        float(metric.result())  # 8.0
        ```
    """

    def __init__(self, name: str = "perplexity", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)

    def update_state(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None
    ) -> None:
        self.add(token_losses(y_true, y_pred), y_true)

    def result(self) -> Tensor:
        return ops.exp(super().result())


@keras.saving.register_keras_serializable(package="tf_transformer")
class TokenAccuracy(_TokenMean):
    """The share of tokens for which the model finds no token more probable than the right one.

    Args:
        name: name of the metric. Defaults to `"accuracy"`.

    Call arguments:
        y_true: int `(batch, length)`; padding is 0.
        y_pred: logits `(batch, length, vocab)`.

    Example:
        ```python
        import numpy as np
        import tf_transformer as tft

        metric = tft.metrics.TokenAccuracy()
        logits = np.array([[[0, 1], [2, 0], [0, 3]]], "float32")
        metric.update_state(np.array([[1, 1, 0]]), logits)
        float(metric.result())  # 0.5
        ```
    """

    def __init__(self, name: str = "accuracy", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)

    def update_state(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None
    ) -> None:
        rows, targets = in_rows(y_true, y_pred)
        largest = ops.max(rows, axis=-1, keepdims=True)  # faster than argmax, and the loss has it
        self.add(ops.equal(ops.take_along_axis(rows, targets, axis=-1), largest), y_true)
