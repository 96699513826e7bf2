"""Compiling the steps of all shapes of batches at once, before training needs them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import keras
import numpy as np

from tf_transformer.errors import counted

Shapes = Iterable[tuple[int, int, int]]


@contextlib.contextmanager
def compiled_ahead(model: keras.Model, shapes: Shapes, validation_shapes: Shapes) -> Iterator[None]:
    """Let JAX compile a translation model's steps side by side, for `fit` in this block.

    `fit` would wait for the step of one shape of batch after the other. Here JAX traces them in
    turn, and threads compile them.

    It does nothing where JAX keeps nothing (see `keep_compiled`), or where several devices train.

    Args:
        model: a compiled and built model.
        shapes: those of the batches to train on, `(rows, source_length, target_length)`.
        validation_shapes: those of the batches to validate on.
    """
    if keras.backend.backend() != "jax" or keras.distribution.distribution() is not None:
        yield
        return
    import jax

    if not jax.config.jax_compilation_cache_dir or not model.jit_compile:
        yield
        return
    # While these live, JAX knows the same methods, which `fit` asks for, and traces nothing anew.
    train_step, test_step = model.train_step, model.test_step
    variables = model.trainable_variables, model.non_trainable_variables
    state = _values(*variables, model.optimizer.variables, model.metrics_variables)
    lowered = [_lowered(train_step, state, shape) for shape in shapes]
    state = _values(*variables, model.metrics_variables)
    lowered += [_lowered(test_step, state, shape) for shape in validation_shapes]
    if len(lowered) > 1:
        print(f"JAX compiles {counted(len(lowered), 'step')}, each for a shape of batch …")
        with ThreadPoolExecutor(len(lowered)) as threads:
            for compiled in [threads.submit(step.compile) for step in lowered]:
                compiled.result()
    yield


def _values(*parts: Sequence[keras.Variable]) -> tuple[list[Any], ...]:
    return tuple([variable.value for variable in part] for part in parts)


def _lowered(step: Any, state: tuple[list[Any], ...], shape: tuple[int, int, int]) -> Any:
    """Return a step as Keras's trainer hands it to XLA."""
    import jax

    rows, source_length, target_length = shape
    lengths = (source_length, target_length, target_length)
    source_ids, *target_ids = (jax.device_put(np.ones((rows, n), np.int32)) for n in lengths)
    batch = ((source_ids, target_ids[0]), target_ids[1])
    return jax.jit(step, donate_argnums=0).lower(state, batch)
