"""How fast the input pipeline makes batches of text, compared with the training that it feeds.

    python -m benchmarks.pipeline

All figures are real target tokens per second, so that they can be compared.
"""

from __future__ import annotations

import dataclasses
import os
import tempfile
import time

from absl import flags

from benchmarks import training_data
from benchmarks.comparison import save
from benchmarks.corpus import choose_corpus
from benchmarks.measure import Contender, Threads, compare

FLAGS = flags.FLAGS
flags.DEFINE_integer("repeats", 3, "repetitions of each contender")
flags.DEFINE_string("json", "runs/benchmarks/pipeline.json", "where the figures go")


def text_to_batches(threads, directory):
    """Make the first epoch: tokenise strings, put them into buckets, shuffle and pad them."""
    import tf_transformer as tft

    tokenizers = training_data.load_tokenizers(directory)
    pairs = training_data.load_text(directory)

    def repeat():
        started = time.perf_counter()
        batches = training_data.make_batches(tft.data.tokenize_pairs(pairs, *tokenizers))
        _read_an_epoch(batches)
        return batches.target_tokens / (time.perf_counter() - started)

    return repeat


def tokenisation(threads, directory):
    """Turn strings into token ids, as at the start of the first epoch."""
    import tf_transformer as tft

    tokenizers = training_data.load_tokenizers(directory)
    pairs = training_data.load_text(directory)
    tokens = training_data.make_batches(training_data.load_pairs(directory)).target_tokens

    def repeat():
        started = time.perf_counter()
        tft.data.tokenize_pairs(pairs, *tokenizers)
        return tokens / (time.perf_counter() - started)

    return repeat


def ids_to_batches(threads, directory):
    """Make a later epoch: the token ids are already in memory."""
    batches = training_data.make_batches(training_data.load_pairs(directory))

    def repeat():
        started = time.perf_counter()
        _read_an_epoch(batches)
        return batches.target_tokens / (time.perf_counter() - started)

    return repeat


def _read_an_epoch(batches):
    for _ in batches.dataset().take(batches.steps_per_epoch):
        pass


def contenders(directory):
    """Return the pipeline and its parts, and training, for the data in a directory."""
    setups = {
        "text to batches": "benchmarks.pipeline:text_to_batches",
        "tokenisation alone": "benchmarks.pipeline:tokenisation",
        "token ids to batches": "benchmarks.pipeline:ids_to_batches",
        "training, to be fed": "benchmarks.train_step:ours",
    }
    threads, options = [Threads(os.cpu_count())], {"directory": directory}
    *parts, training = (Contender(name, setup, threads, options) for name, setup in setups.items())
    return [*parts, dataclasses.replace(training, at_least=1)]


def main():
    with tempfile.TemporaryDirectory() as directory:
        print(training_data.prepare(directory, *choose_corpus()))
        comparison = compare(
            "Input pipeline",
            "target tokens/s",
            contenders(directory),
            repeats=FLAGS.repeats,
            minutes=2,
        )
    print(comparison.table())
    save(FLAGS.json, [comparison])


if __name__ == "__main__":
    from tf_transformer.cli import command_line  # keeps TensorFlow's start-up quiet

    command_line.run(main)
