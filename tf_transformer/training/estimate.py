"""How long training will take, roughly."""

import time

import numpy as np
from keras import ops

from tf_transformer.training.environment import device_name

_EFFICIENCY = 0.5  # of a training step, against one large matrix product; seen on two CPU cores


def training_plan(model, config, batches):
    """Return one line: what will be trained, on what, and for about how long.

    Args:
        model: a `Transformer`.
        config: a `TrainingConfig`.
        batches: `BucketedBatches` to train on.
    """
    parameters = model.count_params()
    minutes = training_minutes(parameters, config.epochs * batches.target_tokens)
    epochs = f"{config.epochs} epoch{'s' if config.epochs > 1 else ''}"
    limit = f", at most {config.max_minutes:g}" if config.max_minutes else ""
    return (
        f"Training {parameters:,} weights on {device_name()}: up to {epochs} of "
        f"{batches.steps_per_epoch:,} steps, about {max(minutes, 1):.0f} min{limit}. "
        "Ctrl-C stops and keeps what is trained."
    )


def training_minutes(parameters, tokens):
    """Estimate the minutes that training takes here, from a matrix product timed on the spot.

    A token costs about 6 floating-point operations a weight: 2 forward and 4 backward.

    Args:
        parameters: number of weights.
        tokens: number of target tokens, all epochs together.

    Reference:
        Kaplan et al. 2020, *Scaling Laws for Neural Language Models*, section 2.1.
    """
    return 6 * parameters * tokens / (_EFFICIENCY * _operations_per_second()) / 60


def _operations_per_second(size=1024, repeats=4):
    x = ops.ones((size, size))
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        ops.convert_to_numpy(ops.matmul(x, x))
        seconds.append(time.perf_counter() - started)
    return 2 * size**3 / np.min(seconds)
