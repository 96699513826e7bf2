"""Metrics per real target token: sums over all tokens of all batches, divided by their number."""

import keras
from keras import ops

from tf_transformer.training.loss import in_rows, real_tokens, token_losses


class _TokenMean(keras.metrics.Mean):
    """The mean of values at real tokens."""

    def add(self, values, target_ids):
        # In one row: Keras would first average each row, and so weigh a token by its row's length.
        super().update_state(ops.ravel(values), ops.ravel(real_tokens(target_ids)))


@keras.saving.register_keras_serializable(package="tf_transformer")
class TokenLoss(_TokenMean):
    """The smoothed cross-entropy per token.

    Named `loss` it takes the place of Keras's own figure, which weighs batches by their rows, not
    by their tokens.

    Args:
        smoothing: as of `SmoothedCrossEntropy`. Defaults to 0.1.
        name: of the metric. Defaults to `"loss"`.
    """

    def __init__(self, smoothing=0.1, name="loss", **kwargs):
        super().__init__(name=name, **kwargs)
        self.smoothing = smoothing

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.add(token_losses(y_true, y_pred, self.smoothing), y_true)

    def get_config(self):
        return super().get_config() | {"smoothing": self.smoothing}


@keras.saving.register_keras_serializable(package="tf_transformer")
class Perplexity(_TokenMean):
    """The exponential of the cross-entropy per token, without smoothing.

    Args:
        name: of the metric. Defaults to `"perplexity"`.
    """

    def __init__(self, name="perplexity", **kwargs):
        super().__init__(name=name, **kwargs)

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.add(token_losses(y_true, y_pred), y_true)

    def result(self):
        return ops.exp(super().result())


@keras.saving.register_keras_serializable(package="tf_transformer")
class TokenAccuracy(_TokenMean):
    """The share of tokens than which the model finds no other more probable.

    Args:
        name: of the metric. Defaults to `"accuracy"`.
    """

    def __init__(self, name="accuracy", **kwargs):
        super().__init__(name=name, **kwargs)

    def update_state(self, y_true, y_pred, sample_weight=None):
        rows, targets = in_rows(y_true, y_pred)
        largest = ops.max(rows, axis=-1, keepdims=True)  # faster than argmax, and the loss's too
        self.add(ops.equal(ops.take_along_axis(rows, targets, axis=-1), largest), y_true)
