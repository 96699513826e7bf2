"""Metrics per real target token: sums over all tokens of all batches, divided by their number."""

import keras
from keras import ops

from tf_transformer.training.loss import real_tokens, token_losses


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
    """The share of tokens whose most probable prediction is right.

    Args:
        name: of the metric. Defaults to `"accuracy"`.
    """

    def __init__(self, name="accuracy", **kwargs):
        super().__init__(name=name, **kwargs)

    def update_state(self, y_true, y_pred, sample_weight=None):
        predicted = ops.cast(ops.argmax(y_pred, axis=-1), "int32")
        self.add(ops.equal(predicted, ops.cast(y_true, "int32")), y_true)
