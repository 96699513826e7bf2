"""A rough estimate of how long training takes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import keras
import numpy as np
from keras import ops

from tf_transformer.errors import counted
from tf_transformer.training.environment import device_name
from tf_transformer.training.epochs import Epochs

if TYPE_CHECKING:
    from tf_transformer.config import TrainingConfig
    from tf_transformer.data import BlockBatches, BucketedBatches, LabelledBatches

_EFFICIENCY = 0.5  # of a training step against a large matrix product, measured on two CPU cores


def training_plan(
    model: keras.Model,
    config: TrainingConfig,
    batches: BucketedBatches | BlockBatches | LabelledBatches,
) -> str:
    """Return one line: how many weights are trained, on which device, and for about how long.

    On JAX, `TimeLeft` estimates the time, because XLA compiles there.

    Args:
        model: a built model.
        config: configuration of the training.
        batches: batches to train on.
    """
    per_pass = batches.steps_per_epoch
    batches = Epochs.of(batches, config)
    parameters = model.count_params()
    about, unit = "", " min"
    if estimates():
        minutes = training_minutes(parameters, config.epochs * batches.target_tokens)
        about, unit = f", about {max(minutes, 1):.0f} min", ""
    limit = f", at most {config.max_minutes:g}{unit}" if config.max_minutes else ""
    epochs, steps = counted(config.epochs, "epoch"), counted(batches.steps_per_epoch, "step")
    return (
        f"Training {parameters:,} weights on {device_name()}: up to {epochs} of {steps}"
        f"{_of_passes(config, per_pass, batches.steps_per_epoch)}"
        f"{about}{limit}. "
        "Ctrl-C stops and keeps the progress."
    )


def _of_passes(config: TrainingConfig, per_pass: int, per_epoch: int) -> str:
    """Say how long a pass over the data is, unless it is an epoch."""
    if per_epoch == per_pass:
        return ""
    steps = counted(per_pass, "step")
    if config.steps_per_epoch:
        return f" (a pass over the data is {steps})"
    return f" ({config.passes:,} passes over the data, {steps} each)"


def estimates() -> bool:
    """Whether a product of matrices tells how long training takes."""
    return keras.backend.backend() == "tensorflow"


def training_minutes(parameters: int, tokens: float) -> float:
    """Estimate the minutes of training on this machine by timing a matrix product.

    A token costs about 6 floating-point operations per weight, 2 forward and 4 backward:

        seconds = 6 * parameters * tokens / operations per second

    Args:
        parameters: number of weights.
        tokens: number of target tokens, all epochs together.

    Reference:
        Kaplan et al. 2020, *Scaling Laws for Neural Language Models*, section 2.1.
    """
    return 6 * parameters * tokens / (_EFFICIENCY * _operations_per_second()) / 60


def _operations_per_second(size: int = 1024, repeats: int = 4) -> float:
    x = ops.ones((size, size))
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        ops.convert_to_numpy(ops.matmul(x, x))
        seconds.append(time.perf_counter() - started)
    return 2 * size**3 / np.min(seconds)
