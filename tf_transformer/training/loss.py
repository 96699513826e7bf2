"""The loss: cross-entropy per real token, with label smoothing."""

import keras
from keras import ops


def real_tokens(target_ids):
    """Return 1 at real tokens and 0 at padding (id 0), float32 of the same shape."""
    return ops.cast(ops.not_equal(target_ids, 0), "float32")


def in_rows(target_ids, logits):
    """Return the logits `(batch * length, vocab)`, as float32, and the targets in one column.

    Loss and metrics all begin with this, so that a graph holds once what they have in common.
    """
    rows = ops.reshape(ops.cast(logits, "float32"), (-1, logits.shape[-1]))
    return rows, ops.cast(ops.reshape(target_ids, (-1, 1)), "int32")


def token_losses(target_ids, logits, smoothing=0.0):
    """Return the cross-entropy at each position.

    With smoothing ε the wanted distribution gives 1 - ε to the target and spreads ε over all
    tokens alike. Since the cross-entropy is linear in it, the smoothed loss is the plain one plus
    ε (z_target - mean z), for logits z.

    Args:
        target_ids: int `(batch, length)`.
        logits: `(batch, length, vocab)`, of any float type: the loss is computed in float32.
        smoothing: ε, from 0 to below 1. Defaults to 0.

    Returns:
        float32 `(batch, length)`; padding has a loss too: mask it.

    Reference:
        Szegedy et al. 2016, *Rethinking the Inception Architecture*, section 7.
    """
    rows, targets = in_rows(target_ids, logits)
    vocab_size = rows.shape[-1]

    @ops.custom_gradient  # it passes over these largest of all tensors a fifth as often
    def losses(rows):
        largest = ops.max(rows, axis=-1, keepdims=True)
        powers = ops.exp(rows - largest)
        total = ops.sum(powers, axis=-1, keepdims=True)
        at_target = ops.take_along_axis(rows, targets, axis=-1)
        mean = ops.mean(rows, axis=-1, keepdims=True)
        values = largest + ops.log(total) - (1 - smoothing) * at_target - smoothing * mean

        def gradient(*args, upstream=None):
            """Return softmax less the wanted distribution, times what comes from above."""
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

    Args:
        smoothing: probability spread over all tokens alike, from 0 to below 1. Defaults to 0.1.
        name: of the loss. Defaults to `"smoothed_cross_entropy"`.

    Call arguments:
        y_true: int `(batch, length)`; padding is 0.
        y_pred: logits `(batch, length, vocab)`.

    Returns:
        A float32 scalar: the sum over real tokens, divided by their number.

    Reference:
        *Attention Is All You Need*, section 5.4.
    """

    def __init__(self, smoothing=0.1, name="smoothed_cross_entropy", **kwargs):
        super().__init__(name=name, **{"reduction": "sum", "dtype": "float32"} | kwargs)
        self.smoothing = smoothing

    def call(self, y_true, y_pred):
        mask = real_tokens(y_true)
        losses = token_losses(y_true, y_pred, self.smoothing) * mask
        return losses / ops.maximum(ops.sum(mask), 1.0)

    def get_config(self):
        return super().get_config() | {"smoothing": self.smoothing}
