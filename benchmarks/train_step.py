"""How fast a Transformer of the tutorial's size trains, compared with its peers.

    python -m benchmarks.train_step

The figure is real target tokens per second of whole training steps, input pipeline included: each
contender reads token ids from memory, and padding does not count. A repetition is a fixed number of
steps on the same batches each time. All contenders use ours, except the tutorial, which draws its
own.
"""

from __future__ import annotations

import tempfile
import time

from absl import flags

from benchmarks import training_data
from benchmarks.comparison import Result, at_most, save
from benchmarks.corpus import choose_corpus
from benchmarks.measure import Contender, compare

FLAGS = flags.FLAGS
flags.DEFINE_integer("repeats", 3, "repetitions of each contender")
flags.DEFINE_string("json", "runs/benchmarks/train_step.json", "where the figures go")

_TUTORIAL_STEPS = 6  # of a repetition, because they are slow
_MOST_MEMORY = 2500  # MB


def _fit(model, dataset, steps, tokens):
    """Return a repetition of `model.fit`, after a warm-up."""

    def repeat():
        started = time.perf_counter()
        model.fit(dataset, steps_per_epoch=steps, shuffle=False, verbose=0)
        return tokens / (time.perf_counter() - started)

    repeat()
    return repeat


def _tokens(directory):
    return training_data.count_target_tokens(training_data.load_batches(directory))


def ours(threads, directory):
    """Train this package's model with `fit`, as `train_translator` calls it."""
    import tf_transformer as tft
    from tf_transformer.training import compile_model

    model_config, config = training_data.configs(directory)
    batches = training_data.make_batches(training_data.load_pairs(directory))
    model = tft.Transformer(model_config)
    compile_model(model, config, batches.steps_per_epoch)
    return _fit(model, batches.dataset(), training_data.STEPS, _tokens(directory))


def keras_hub(threads, directory):
    """keras-hub's layers, with Keras's loss and no smoothing."""
    import keras

    from benchmarks.peers.keras_hub_transformer import keras_hub_transformer

    model_config, config = training_data.configs(directory)
    batches = training_data.make_batches(training_data.load_pairs(directory))
    model = keras_hub_transformer(model_config)
    model.compile(
        optimizer=keras.optimizers.Adam(3e-4, beta_2=0.98, global_clipnorm=config.clip_norm),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0),
    )
    return _fit(model, batches.dataset(), training_data.STEPS, _tokens(directory))


def pytorch(threads, directory):
    """PyTorch's `nn.Transformer`; its batches wait as tensors."""
    import torch

    from benchmarks.peers.torch_transformer import TorchTrainer, TorchTransformer

    torch.set_num_threads(threads.intra)
    model_config, config = training_data.configs(directory)
    trainer = TorchTrainer(TorchTransformer(model_config), config)
    arrays = training_data.load_batches(directory)
    batches = [tuple(map(torch.from_numpy, batch)) for batch in arrays]
    tokens = training_data.count_target_tokens(arrays)

    def repeat():
        started = time.perf_counter()
        for batch in batches:
            trainer.step(*batch)
        return tokens / (time.perf_counter() - started)

    repeat()
    return repeat


def tutorial(threads, directory):
    """Train as TensorFlow's tutorial does: random batches of 64, heads as wide as the model."""
    import tensorflow as tf

    from benchmarks.peers.tutorial_transformer import (
        TutorialTransformer,
        compile_tutorial,
        tutorial_dataset,
    )
    from tf_transformer.text.tokenizer import END, START

    pairs = training_data.load_pairs(directory)
    sources, targets = (
        tf.RaggedTensor.from_row_splits(side.values, side.row_splits)
        for side in (pairs.sources, pairs.targets)
    )
    ends = tf.ones([len(pairs), 1], tf.int32)
    dataset = tutorial_dataset(sources, tf.concat([START * ends, targets, END * ends], axis=1))
    dataset = dataset.take(_TUTORIAL_STEPS).cache()  # the same batches in each repetition
    tokens = sum(int(tf.math.count_nonzero(target_out)) for _, target_out in dataset)
    model_config, _ = training_data.configs(directory)
    model = TutorialTransformer(model_config)
    compile_tutorial(model, model_config.d_model)
    options = tf.data.Options()
    options.autotune.enabled = False  # it waits at the end of `fit`, which is long for a few steps
    return _fit(model, dataset.repeat().with_options(options), _TUTORIAL_STEPS, tokens)


def contenders(directory):
    """Return ours and the peers, for the data in a directory."""
    options = {"directory": directory}
    here = "benchmarks.train_step:"
    return [
        Contender("tf_transformer", here + "ours", options=options),
        Contender(
            "PyTorch nn.Transformer",
            here + "pytorch",
            options=options,
            requires=["torch"],
            at_least=1.15,
            aim=1.4,
        ),
        Contender(
            "keras-hub",
            here + "keras_hub",
            options=options,
            requires=["keras_hub"],
            at_least=1.2,
            aim=1.5,
        ),
        Contender("TensorFlow's tutorial", here + "tutorial", options=options, at_least=6, aim=8),
    ]


def main():
    with tempfile.TemporaryDirectory() as directory:
        print(training_data.prepare(directory, *choose_corpus()))
        comparison = compare(
            "Training",
            "target tokens/s",
            contenders(directory),
            repeats=FLAGS.repeats,
            sweep_repeats=1,
            minutes=9,
        )
    ours = comparison.results[0]
    peak = Result(ours.name, ours.threads, [ours.peak_memory_mb])
    comparisons = [comparison, at_most("Training, peak memory", "MB", peak, _MOST_MEMORY)]
    for comparison in comparisons:
        print(comparison.table())
    save(FLAGS.json, comparisons)


if __name__ == "__main__":
    from tf_transformer.cli import command_line  # keeps TensorFlow's start-up quiet

    command_line.run(main)
