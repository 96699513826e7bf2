"""Averages of the weights: steadier than the weights of any one step, and better."""

import keras
from keras import ops


class MovingAverage:
    """Lets an optimizer keep an exponential moving average of the weights that it moves.

    After each step of the optimizer, the `t`-th, counted from 0,

        average = decay_t * average + (1 - decay_t) * weight,  decay_t = min(decay, t / (9 + t))

    so that the average forgets where training began. It is part of the optimizer's state.

    Args:
        decay: from 0 to below 1.

    Reference:
        Polyak & Juditsky 1992, *Acceleration of Stochastic Approximation by Averaging*.
    """

    def __init__(self, *args, decay, **kwargs):
        super().__init__(*args, **kwargs)
        self.decay = decay

    def build(self, variables):
        if not self.built:
            super().build(variables)
            self.averages = self.add_optimizer_variables(variables, "average")

    def apply(self, grads, trainable_variables=None):
        t = ops.cast(self.iterations, "float32")
        super().apply(grads, trainable_variables)
        stepped = ops.cast(self.iterations, "float32") - t  # 0 where gradients were only gathered
        share = stepped * (1.0 - ops.minimum(self.decay, t / (9.0 + t)))
        for average, weight in zip(self.averages, self._trainable_variables, strict=True):
            self.assign_add(average, share * (weight - average))

    def get_config(self):
        return super().get_config() | {"decay": self.decay}


@keras.saving.register_keras_serializable(package="tf_transformer")
class AveragedAdam(MovingAverage, keras.optimizers.Adam):
    """Adam, and a moving average of the weights."""


@keras.saving.register_keras_serializable(package="tf_transformer")
class AveragedMuon(MovingAverage, keras.optimizers.Muon):
    """Muon, and a moving average of the weights."""


class WeightAverages(keras.callbacks.Callback):
    """Puts averages in the place of a model's weights while it is validated, scored and kept.

    The averages are those that the optimizer keeps, or those of the weights that the last epochs
    ended with. Training goes on from the weights themselves.

    Args:
        model: a built model.
        last: number of epochs to average; 0 for the optimizer's moving average.

    Attributes:
        variables: what a checkpoint must hold so that averaging can go on.

    Reference:
        *Attention Is All You Need*, section 6.1 (the last epochs).
    """

    def __init__(self, model, last=0):
        super().__init__()
        self.set_model(model)
        self._ends = [
            [
                keras.Variable(ops.zeros(weight.shape), dtype=weight.dtype, trainable=False)
                for weight in self._weights
            ]
            for _ in range(last)
        ]
        self.variables = [variable for end in self._ends for variable in end]

    @property
    def _weights(self):
        return self.model.trainable_variables

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = epoch

    def on_test_begin(self, logs=None):
        self._own = [ops.convert_to_numpy(weight) for weight in self._weights]
        if self._ends:
            _assign(self._ends[self._epoch % len(self._ends)], self._own)
        _assign(self._weights, self._averages())

    def on_epoch_end(self, epoch, logs=None):
        _assign(self._weights, self._own)

    def _averages(self):
        if not self._ends:
            optimizer = self.model.optimizer
            averages = getattr(optimizer, "inner_optimizer", optimizer).averages
            # Copies: JAX would give away the one array that two variables share.
            return [ops.convert_to_numpy(average) for average in averages]
        ends = self._ends[: self._epoch + 1]
        return [sum(values) / len(ends) for values in zip(*ends, strict=True)]


def _assign(variables, values):
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
