"""What it costs XLA to compile the train step of a recipe, through Keras's JAX backend.

    KERAS_BACKEND=jax JAX_PLATFORMS=cpu python -m benchmarks.jax_compile --num_layers=1

For each shape of batch and each way to draw dropout, it counts the instructions that JAX hands to
XLA for a GPU (no GPU is needed for that), and those for this machine before and after XLA has
optimised them, and measures the seconds in which this machine compiles them.

The ways to draw dropout are JAX's generators. For `kernel`, it is the usual one, `threefry2x32`,
with the same numbers, but on a GPU a finished kernel draws them.

With several shapes it also measures how long they take side by side, in threads, as before a
training. `--keras_muon` puts Keras's Muon in the place of this package's, which stacks matrices of
one shape.
"""

from __future__ import annotations

import contextlib
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from absl import flags

from benchmarks.stablehlo import inlined_instructions
from tf_transformer.errors import require
from tf_transformer.files import write_json

FLAGS = flags.FLAGS
flags.DEFINE_string("config", "recipes/configs/ted_gpu.toml", "recipe whose model is compiled")
flags.DEFINE_integer("num_layers", None, "layers of each stack, if others than the recipe's")
flags.DEFINE_list("shapes", ["256x32x32"], "shapes of batches, ROWSxSOURCExTARGET")
flags.DEFINE_list("generators", ["threefry2x32", "kernel", "rbg"], "ways to draw dropout")
flags.DEFINE_bool("keras_muon", False, "whether Keras's Muon steps, without averages of weights")
flags.DEFINE_bool("compile", True, "whether to compile, which takes minutes, or only to count")
flags.DEFINE_string("json", "runs/benchmarks/jax_compile.json", "where the figures go")

_STEPS = 300  # of an epoch: no instruction depends on it
_NOT_OF_MODEL = ("dataset", "split")  # values of a recipe that change no step
_WORDS = 2  # of a key of threefry2x32, as Keras makes them


def make_model(path, num_layers, keras_muon=False):
    """Return the model of a recipe, built and compiled as for training."""
    import tf_transformer as tft
    from benchmarks.keras_muon import use_keras_muon
    from tf_transformer.training import compile_model

    with open(path, "rb") as file:
        values = tomllib.load(file)
    fields = {name: value for name, value in values.items() if name not in _NOT_OF_MODEL}
    if num_layers:
        fields["num_layers"] = num_layers
    config, training = tft.preset(fields.pop("preset"), **fields)
    vocabulary = {
        "source_vocab_size": training.vocab_size,
        "target_vocab_size": training.vocab_size,
    }
    model = tft.Transformer(config.replace(**vocabulary), dtype=training.precision)
    compile_model(model, training.replace(ema=0.0) if keras_muon else training, _STEPS)
    if keras_muon:
        use_keras_muon(model)
    return model


def traced_step(model, shape):
    """Return Keras's train step for a shape of batch, traced but not compiled.

    Args:
        model: a compiled model.
        shape: `(rows, source_length, target_length)`.
    """
    import jax
    import numpy as np

    rows, source, target = shape
    ids = [np.ones((rows, length), "int32") for length in (source, target, target)]
    batch = (tuple(ids[:2]), ids[2])
    if not model.optimizer.built:
        model.train_on_batch(*((tuple(each[:1] for each in batch[0])), batch[1][:1]))
    parts = (
        model.trainable_variables,
        model.non_trainable_variables,
        model.optimizer.variables,
        model.metrics_variables,
    )
    state = tuple([variable.value for variable in part] for part in parts)
    step = jax.jit(lambda *arguments: model.train_step(*arguments), donate_argnums=0)
    return step.trace(state, batch)


@contextlib.contextmanager
def drawing(generator):
    """Draw dropout in another way while in this block.

    Args:
        generator: `"threefry2x32"`, `"rbg"` or `"unsafe_rbg"`, or `"kernel"`.
    """
    import jax

    usual, was_kernel = jax.random.bernoulli, jax.config.jax_threefry_gpu_kernel_lowering

    def bernoulli(key, p, shape):
        repeats = 4 // _WORDS  # Keras's keys are too short for the others
        key = jax.random.wrap_key_data(jax.numpy.tile(key, repeats), impl=generator)
        return usual(key, p, shape)

    if generator.endswith("rbg"):
        jax.random.bernoulli = bernoulli
    jax.config.update("jax_threefry_gpu_kernel_lowering", generator == "kernel")
    try:
        yield
    finally:
        jax.random.bernoulli = usual
        jax.config.update("jax_threefry_gpu_kernel_lowering", was_kernel)


def measure(model, shape, generator, compiles):
    """Return the figures of one step by name."""
    import jax

    jax.clear_caches()  # each way is traced anew
    with drawing(generator):
        started = time.perf_counter()
        traced = traced_step(model, shape)
        figures = {"trace_seconds": time.perf_counter() - started}
        figures["instructions_gpu"] = inlined_instructions(
            traced.lower(lowering_platforms=("cuda",)).as_text()
        )
        lowered = traced.lower()
        figures["instructions"] = inlined_instructions(lowered.as_text())
        if compiles:
            started = time.perf_counter()
            compiled = lowered.compile()
            figures["compile_seconds"] = time.perf_counter() - started
            figures["instructions_compiled"] = compiled.as_text().count(" = ")
    return figures


def seconds_side_by_side(model, shapes):
    """Return how long the steps of all shapes take to compile in threads."""
    import jax

    jax.clear_caches()
    lowered = [traced_step(model, shape).lower() for shape in shapes]
    started = time.perf_counter()
    with ThreadPoolExecutor(len(lowered)) as threads:
        list(threads.map(lambda step: step.compile(), lowered))
    return time.perf_counter() - started


def _shape(text):
    parts = text.split("x")
    is_shape = len(parts) == 3 and all(part.isdecimal() for part in parts)
    require(is_shape, f"shapes={text}: write ROWSxSOURCExTARGET, such as 256x32x32.")
    return tuple(map(int, parts))


def main():
    import keras

    backend = keras.backend.backend()
    require(backend == "jax", f"this needs KERAS_BACKEND=jax, and the backend is {backend}.")
    shapes = [_shape(text) for text in FLAGS.shapes]
    model = make_model(FLAGS.config, FLAGS.num_layers, FLAGS.keras_muon)
    results = []
    for generator in FLAGS.generators:
        for text, shape in zip(FLAGS.shapes, shapes, strict=True):
            figures = measure(model, shape, generator, FLAGS.compile)
            results.append({"generator": generator, "shape": text, **figures})
            words = (f"{name} {value:,.5g}" for name, value in figures.items())
            print(f"{generator}, {text}: {', '.join(words)}", flush=True)
    settings = {"config": Path(FLAGS.config).name, "num_layers": model.config.num_layers}
    settings["keras_muon"] = FLAGS.keras_muon
    if FLAGS.compile and len(shapes) > 1:
        settings["seconds_side_by_side"] = seconds_side_by_side(model, shapes)
        print(f"All shapes side by side: {settings['seconds_side_by_side']:.4g} s.")
    write_json(FLAGS.json, {**settings, "results": results})


if __name__ == "__main__":
    from tf_transformer.cli import command_line  # keeps TensorFlow's start-up quiet

    command_line.run(main)
