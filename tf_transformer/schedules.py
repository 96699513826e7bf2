"""Learning-rate schedules with a linear warm-up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
from keras import ops

if TYPE_CHECKING:
    from tf_transformer.layers.types import Tensor


@keras.saving.register_keras_serializable(package="tf_transformer")
class Noam(keras.optimizers.schedules.LearningRateSchedule):
    """Raises the rate linearly to a peak, then lowers it with the inverse square root of the step.

        rate = peak * min(step / warmup_steps, sqrt(warmup_steps / step))

    With `peak = (d_model * warmup_steps) ** -0.5` this is the paper's equation 3. The first step
    is step 1.

    Args:
        peak: the highest rate.
        warmup_steps: steps until the peak.

    Example:
        ```python
        import tf_transformer as tft

        schedule = tft.schedules.Noam(peak=7e-4, warmup_steps=4000)
        optimizer = tft.optimizers.Adam(schedule, beta_2=0.98, epsilon=1e-9)
        ```

    Reference:
        *Attention Is All You Need*, section 5.3.
    """

    def __init__(self, peak: float, warmup_steps: int) -> None:
        super().__init__()
        self.peak = peak
        self.warmup_steps = warmup_steps

    def __call__(self, step: Tensor) -> Tensor:
        step = ops.cast(step, "float32") + 1.0
        return self.peak * ops.minimum(step / self.warmup_steps, ops.sqrt(self.warmup_steps / step))

    def get_config(self) -> dict[str, Any]:
        return {"peak": self.peak, "warmup_steps": self.warmup_steps}


@keras.saving.register_keras_serializable(package="tf_transformer")
class Cosine(keras.optimizers.schedules.CosineDecay):
    """Raises the rate linearly to a peak, then lowers it to zero along half a cosine wave.

        rate = peak * step / warmup_steps                                     up to the peak, then
        rate = peak / 2 * (1 + cos(π (step - warmup_steps) / (total_steps - warmup_steps)))

    This is Keras's `CosineDecay` from a rate of 0, except that its first step is step 1, so that no
    step has a rate of 0.

    Args:
        peak: the highest rate.
        warmup_steps: steps until the peak.
        total_steps: steps until zero.

    Example:
        ```python
        import tf_transformer as tft

        schedule = tft.schedules.Cosine(peak=1e-3, warmup_steps=500, total_steps=10_000)
        optimizer = tft.optimizers.Adam(schedule, beta_2=0.98, epsilon=1e-9)
        ```

    Reference:
        Loshchilov & Hutter 2017, *SGDR: Stochastic Gradient Descent with Warm Restarts*, eq. 5.
    """

    def __init__(self, peak: float, warmup_steps: int, total_steps: int) -> None:
        super().__init__(
            initial_learning_rate=0.0,
            warmup_target=peak,
            warmup_steps=warmup_steps,
            decay_steps=max(total_steps - warmup_steps, 1),
        )
        self.total_steps = total_steps

    def __call__(self, step: Tensor) -> Tensor:
        return super().__call__(ops.cast(step, "float32") + 1.0)

    def get_config(self) -> dict[str, Any]:
        return {
            "peak": self.warmup_target,
            "warmup_steps": self.warmup_steps,
            "total_steps": self.total_steps,
        }
