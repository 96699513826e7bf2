"""Learning-rate schedules with a linear warm-up."""

import math

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="tf_transformer")
class Noam(keras.optimizers.schedules.LearningRateSchedule):
    """Rises linearly to a peak, then falls with the inverse square root of the step.

        rate = peak * min(step / warmup_steps, sqrt(warmup_steps / step))

    With `peak = (d_model * warmup_steps) ** -0.5` this is the paper's equation 3. The first step
    is step 1.

    Args:
        peak: the highest rate.
        warmup_steps: steps until the peak.

    Reference:
        *Attention Is All You Need*, section 5.3.
    """

    def __init__(self, peak, warmup_steps):
        super().__init__()
        self.peak = peak
        self.warmup_steps = warmup_steps

    def __call__(self, step):
        step = ops.cast(step, "float32") + 1.0
        return self.peak * ops.minimum(step / self.warmup_steps, ops.sqrt(self.warmup_steps / step))

    def get_config(self):
        return {"peak": self.peak, "warmup_steps": self.warmup_steps}


@keras.saving.register_keras_serializable(package="tf_transformer")
class Cosine(keras.optimizers.schedules.LearningRateSchedule):
    """Rises linearly to a peak, then falls to zero along half a cosine wave.

    Args:
        peak: the highest rate.
        warmup_steps: steps until the peak.
        total_steps: steps until zero.

    Reference:
        Loshchilov & Hutter 2017, *SGDR: Stochastic Gradient Descent with Warm Restarts*, eq. 5.
    """

    def __init__(self, peak, warmup_steps, total_steps):
        super().__init__()
        self.peak = peak
        self.warmup_steps = warmup_steps
        self.total_steps = total_steps

    def __call__(self, step):
        step = ops.cast(step, "float32") + 1.0
        falling = max(self.total_steps - self.warmup_steps, 1)
        progress = ops.clip((step - self.warmup_steps) / falling, 0.0, 1.0)
        wave = 0.5 * (1.0 + ops.cos(math.pi * progress))
        return self.peak * ops.minimum(step / self.warmup_steps, wave)

    def get_config(self):
        return {
            "peak": self.peak,
            "warmup_steps": self.warmup_steps,
            "total_steps": self.total_steps,
        }
