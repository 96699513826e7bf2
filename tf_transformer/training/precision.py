"""The precision of a training: the faster one on this machine, if the user leaves it open."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from keras import ops

from tf_transformer.config import TrainingConfig

_Config = TypeVar("_Config", bound=TrainingConfig)

_LEAST_GAIN = 1.3  # of products alone; casts and float32 sums take some of it away
_WIDTH, _TIMES = 768, 20


def with_precision(config: _Config) -> _Config:
    """Return the plan of a training with a precision in place of `"auto"`.

    `"auto"` becomes `"mixed_bfloat16"` if this machine multiplies matrices at least 1.3 times as
    fast in bfloat16 as in float32, and `"float32"` otherwise. Processors with AMX or AVX512-BF16
    and most GPUs are that fast; others convert every number, and lose time. The choice is printed.

    Args:
        config: the plan.

    Example:
        ```python
        import tf_transformer as tft
        from tf_transformer.training.precision import with_precision

        config = tft.config.TranslatorTraining(precision="auto")
        with_precision(config).precision  # the one that is faster here
        ```
    """
    if config.precision != "auto":
        return config
    gain = bfloat16_gain()
    precision = "mixed_bfloat16" if gain >= _LEAST_GAIN else "float32"
    print(f"bfloat16 multiplies {gain:.1f} times as fast as float32 here: precision={precision}.")
    return config.replace(precision=precision)


def bfloat16_gain() -> float:
    """Measure how many times as fast this machine multiplies matrices in bfloat16 as in float32."""
    product = {dtype: _product(dtype) for dtype in ("float32", "bfloat16")}
    seconds = dict.fromkeys(product, float("inf"))
    for _ in range(_TIMES):  # in turns; the first may compile
        for dtype, multiply in product.items():
            start = time.perf_counter()
            multiply()
            seconds[dtype] = min(seconds[dtype], time.perf_counter() - start)
    return seconds["float32"] / seconds["bfloat16"]


def _product(dtype: str) -> Callable[[], object]:
    """Return a function that multiplies two matrices, and waits for the result."""
    matrix = ops.ones((_WIDTH, _WIDTH), dtype)
    return lambda: float(ops.cast(ops.matmul(matrix, matrix)[0, 0], "float32"))
