"""Optimizers whose gradients can be observed, and that can average the weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import keras
from keras import ops

if TYPE_CHECKING:
    from tf_transformer.layers.types import Tensor


class GradientObserver(Protocol):
    """An observer of an optimizer's gradients."""

    def observe(self, gradients: Sequence[Tensor]) -> None:
        """Observe the gradients of all weights in a step."""


class _Observable:
    """Lets an optimizer show its gradients to an observer, before clipping.

    Attributes:
        observer: a `GradientObserver`, or `None`. Set it before the first step is traced. It is
            not part of the optimizer's state.
    """

    observer: GradientObserver | None = None

    def apply(
        self, grads: Sequence[Tensor], trainable_variables: Sequence[keras.Variable] | None = None
    ) -> None:
        if self.observer is not None:
            self.observer.observe(grads)
        super().apply(grads, trainable_variables)


class _Averaging:
    """Lets an optimizer keep an exponential moving average of the weights that it moves.

    After step `t`, counted from 0,

        average = decay_t * average + (1 - decay_t) * weight,  decay_t = min(decay, t / (9 + t))

    so that the average soon forgets the initial weights. It is part of the optimizer's state.

    Args:
        decay: decay of the average, from 0 to below 1.

    Attributes:
        averages: variables, one for each trainable weight.

    Reference:
        Polyak & Juditsky 1992, *Acceleration of Stochastic Approximation by Averaging*.
    """

    def __init__(
        self,
        learning_rate: float | keras.optimizers.schedules.LearningRateSchedule = 0.001,
        *,
        decay: float,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.decay = decay

    def build(self, variables: Sequence[keras.Variable]) -> None:
        if not self.built:
            super().build(variables)
            self.averages = self.add_optimizer_variables(variables, "average")

    def apply(
        self, grads: Sequence[Tensor], trainable_variables: Sequence[keras.Variable] | None = None
    ) -> None:
        t = ops.cast(self.iterations, "float32")
        super().apply(grads, trainable_variables)
        stepped = ops.cast(self.iterations, "float32") - t  # 0 if gradients were only accumulated
        share = stepped * (1.0 - ops.minimum(self.decay, t / (9.0 + t)))
        for average, weight in zip(self.averages, self._trainable_variables, strict=True):
            self.assign_add(average, share * (weight - average))

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"decay": self.decay}


@keras.saving.register_keras_serializable(package="tf_transformer")
class Adam(_Observable, keras.optimizers.Adam):
    """Keras's `Adam`, whose gradients TensorBoard can show.

    Args:
        learning_rate: a float, or a schedule. Defaults to 0.001.
        **kwargs: see `keras.optimizers.Adam`.

    Example:
        ```python
        import tf_transformer as tft

        schedule = tft.schedules.Noam(peak=7e-4, warmup_steps=4000)
        optimizer = tft.optimizers.Adam(schedule, beta_1=0.9, beta_2=0.98, epsilon=1e-9)
        ```

    Reference:
        *Attention Is All You Need*, section 5.3.
    """


@keras.saving.register_keras_serializable(package="tf_transformer")
class Muon(_Observable, keras.optimizers.Muon):
    """Keras's `Muon`, made faster: it orthogonalises all matrices of one shape at once.

    A matrix moves by its momentum M, made nearly orthogonal: five times, from X = M / ‖M‖,

        A = X Xᵀ,  X = a X + (b A + c A²) X

    which brings all singular values near 1. The result is multiplied by the rate and 0.2 √(longer
    side). TensorBoard can show the gradients.

    Args:
        learning_rate: a float, or a schedule. Defaults to 0.001.
        products: dtype of the products, `"float32"` or `"bfloat16"`. Defaults to that of
            Keras's global policy; the dtype of a single model does not change it.
        **kwargs: see `keras.optimizers.Muon`.

    Example:
        ```python
        import tf_transformer as tft

        optimizer = tft.optimizers.Muon(0.001, exclude_layers=["embedding"])
        ```

    Reference:
        Jordan et al. 2024, *Muon: An optimizer for hidden layers in neural networks*.
    """

    def __init__(
        self,
        learning_rate: float | keras.optimizers.schedules.LearningRateSchedule = 0.001,
        *,
        products: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        half = keras.config.dtype_policy().compute_dtype == "bfloat16"
        self.products = products or ("bfloat16" if half else "float32")

    def _backend_update_step(
        self,
        grads: Sequence[Tensor],
        trainable_variables: Sequence[keras.Variable],
        learning_rate: Tensor,
    ) -> None:
        matrices: dict[tuple[int, ...], list[tuple[keras.Variable, Tensor]]] = {}  # by shape
        for gradient, variable in zip(grads, trainable_variables, strict=True):
            if self.adam_velocities[self._get_variable_index(variable)] is not None:
                self.update_step(gradient, variable, learning_rate)
            else:
                momentum = self._next_momentum(gradient, variable)
                matrices.setdefault(tuple(variable.shape), []).append((variable, momentum))
        for pairs in matrices.values():
            steps = self._orthogonal(ops.stack([momentum for _, momentum in pairs]))
            for number, (variable, _) in enumerate(pairs):
                self.assign_sub(variable, self.lr_adjust(learning_rate * steps[number]))

    def _next_momentum(self, gradient: Tensor, variable: keras.Variable) -> Tensor:
        """Update the fading sum of all gradients, and return it with Nesterov's look-ahead."""
        momentum = self.momentums[self._get_variable_index(variable)]
        self.assign(momentum, gradient + self.momentum * momentum)
        return gradient + self.momentum * momentum if self.nesterov else momentum.value

    def _orthogonal(self, matrices: Tensor) -> Tensor:
        """Return the matrices with all singular values near 1, using the Newton-Schulz iteration.

        Args:
            matrices: `(matrices, rows, columns)`.
        """
        a, b, c = self.muon_a, self.muon_b, self.muon_c
        tall = matrices.shape[-2] > matrices.shape[-1]
        norm = ops.norm(matrices, axis=(-2, -1), keepdims=True)
        x = ops.cast(matrices / (norm + 1e-7), self.products)
        for _ in range(self.ns_steps):
            turned = ops.swapaxes(x, -2, -1)
            square = turned @ x if tall else x @ turned  # of the shorter side
            change = b * square + c * (square @ square)
            x = a * x + (x @ change if tall else change @ x)
        return ops.cast(x, matrices.dtype)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"products": self.products}


@keras.saving.register_keras_serializable(package="tf_transformer")
class AveragedAdam(_Averaging, Adam):
    """`Adam` with a moving average of the weights.

    After step `t`, counted from 0,

        average = decay_t * average + (1 - decay_t) * weight,  decay_t = min(decay, t / (9 + t))

    Args:
        learning_rate: a float, or a schedule. Defaults to 0.001.
        decay: decay of the average, from 0 to below 1.
        **kwargs: see `keras.optimizers.Adam`.

    Attributes:
        averages: variables, one for each trainable weight.

    Example:
        ```python
        import tf_transformer as tft

        optimizer = tft.optimizers.AveragedAdam(0.001, decay=0.999)
        ```

    Reference:
        Polyak & Juditsky 1992, *Acceleration of Stochastic Approximation by Averaging*.
    """


@keras.saving.register_keras_serializable(package="tf_transformer")
class AveragedMuon(_Averaging, Muon):
    """`Muon` with a moving average of the weights: see `AveragedAdam`.

    Args:
        learning_rate: a float, or a schedule. Defaults to 0.001.
        decay: decay of the average, from 0 to below 1.
        **kwargs: see `keras.optimizers.Muon`.

    Attributes:
        averages: variables, one for each trainable weight.

    Example:
        ```python
        import tf_transformer as tft

        optimizer = tft.optimizers.AveragedMuon(0.001, decay=0.999)
        ```
    """
