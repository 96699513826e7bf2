"""How much longer a step takes inside `fit` than the compiled step alone.

    python -m benchmarks.fit_step
    KERAS_BACKEND=jax python -m benchmarks.fit_step

`fit` trains as a recipe does: it reads and pads batches, writes logs and checkpoints, and runs all
callbacks. The step alone is Keras's `train_step`, compiled, on the same batches, which are in
memory. Both are timed after a first pass in which everything compiles. Validation does not count.
"""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time

from absl import flags

import tf_transformer as tft
from benchmarks.corpus import choose_corpus
from tf_transformer.files import write_json

FLAGS = flags.FLAGS
flags.DEFINE_integer("pairs", 3000, "sentence pairs of the corpus")
flags.DEFINE_integer("max_shapes", 4, "most shapes of batches, each of which compiles once")
flags.DEFINE_integer("passes", 3, "passes over the pairs that are timed")
flags.DEFINE_string("json", "runs/benchmarks/fit_step.json", "where the figures go")


def make_batches():
    """Return the batches and the configurations of a model of the tutorial's size."""
    _, config = tft.preset("tutorial")
    pairs = tft.load_corpus(*choose_corpus()).pairs("train")[: FLAGS.pairs]
    tokenizers = tft.train_tokenizers(
        pairs.sources, pairs.targets, config.tokenizer, config.vocab_size, config.joint_vocabulary
    )
    model_config, config = tft.preset(
        "tutorial",
        source_vocab_size=tokenizers[0].vocab_size,
        target_vocab_size=tokenizers[1].vocab_size,
        epochs=FLAGS.passes + 1,
        patience=0,
    )
    tokenized = tft.data.tokenize_pairs(pairs, *tokenizers, max_length=config.max_length)
    batches = tft.data.BucketedBatches(
        tokenized, config.batch_tokens, config.seed, FLAGS.max_shapes
    )
    return batches, model_config, config


def in_fit(batches, model_config, config):
    """Return the seconds of a step in each pass of `fit` but the first."""
    from tf_transformer.training import Run, fit

    with tempfile.TemporaryDirectory() as directory:
        run = Run(directory)
        epochs = fit(tft.Transformer(model_config), config, batches, batches, run=run).epochs
    tokens = batches.target_tokens / batches.steps_per_epoch
    return [tokens / epoch["tokens_per_second"] for epoch in epochs[1:]]


def alone(batches, model_config, config):
    """Return the seconds of a compiled step on the same batches, in each pass but the first."""
    import keras

    from tf_transformer.training import compile_model

    model = tft.Transformer(model_config)
    compile_model(model, config, batches.steps_per_epoch)
    step = _jax_step(model) if keras.backend.backend() == "jax" else _tensorflow_step(model)
    seconds = []
    for number in range(1 + FLAGS.passes):
        first = number * batches.steps_per_epoch
        taken = itertools.islice(batches.dataset(first), batches.steps_per_epoch)
        held = [keras.tree.map_structure(keras.ops.convert_to_tensor, each) for each in taken]
        started = time.perf_counter()
        for batch in held:
            wait = step(batch)
        wait()
        seconds.append((time.perf_counter() - started) / len(held))
    return seconds[1:]


def _tensorflow_step(model):
    import tensorflow as tf

    compiled = tf.function(model.train_step, reduce_retracing=True)

    def step(batch):
        logs = compiled(batch)
        return lambda: float(logs["loss"])

    return step


def _jax_step(model):
    import jax

    model.optimizer.build(model.trainable_variables)
    parts = (
        model.trainable_variables,
        model.non_trainable_variables,
        model.optimizer.variables,
    )
    compiled = jax.jit(model.train_step, donate_argnums=0)
    state = None

    def step(batch):
        nonlocal state
        if state is None:
            model.train_on_batch(*batch)  # makes the metrics' variables
            state = [[v.value for v in part] for part in (*parts, model.metrics_variables)]
        logs, state = compiled(tuple(state), batch)
        return lambda: float(logs["loss"])

    return step


def main():
    import keras

    batches, *configs = make_batches()
    print(f"{batches.report()}, {keras.backend.backend()}", flush=True)
    inside, bare = in_fit(batches, *configs), alone(batches, *configs)
    ratio = statistics.median(inside) / statistics.median(bare)
    for name, seconds in {"in fit": inside, "alone": bare}.items():
        each = ", ".join(f"{1000 * second:.1f}" for second in seconds)
        print(f"{name}: {each} ms a step")
    print(f"A step in fit takes {ratio:.2f} times as long.")
    write_json(
        FLAGS.json,
        {"backend": keras.backend.backend(), "in_fit": inside, "alone": bare, "ratio": ratio},
    )


if __name__ == "__main__":
    from tf_transformer.cli import command_line  # keeps TensorFlow's start-up quiet

    command_line.run(main)
