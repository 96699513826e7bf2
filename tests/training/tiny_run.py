"""A run of training so small that it can be trained, killed and resumed many times.

As a program it is killed: `python -m tests.training.tiny_run DIRECTORY epoch|save|NUMBER`.
"""

import itertools
import os
import signal
import sys

import keras
import numpy as np
import tensorflow as tf

from tests.compilers import optimize_less
from tests.small import SMALL
from tf_transformer.config import TransformerConfig, TranslatorTraining
from tf_transformer.data import BucketedBatches, Pairs
from tf_transformer.data.tokenized_pairs import Ragged, TokenizedPairs
from tf_transformer.models import Transformer
from tf_transformer.text import END
from tf_transformer.training import Run, checkpoints, snapshots, train_translator
from tf_transformer.training.throughput import Throughput

optimize_less()  # here as in the process that compares

VOCAB = 19
CONFIG = TranslatorTraining(
    batch_tokens=24,
    max_length=12,
    epochs=3,
    learning_rate=0.01,
    warmup_steps=5,
    patience=0,
    checkpoint_share=1.0,  # epochs are shorter here than what is written after each
)
SAMPLE = Pairs(["um", "dois"], ["one", "two"])


def random_pairs(count):
    """Sources of 3 to 6 tokens; targets are sources backwards."""
    rng = np.random.default_rng(0)
    rows = [rng.integers(4, VOCAB, rng.integers(2, 6)) for _ in range(count)]

    def ragged(rows):
        splits = np.cumsum([0, *map(len, rows)])
        return Ragged(np.concatenate(rows).astype("int32"), splits.astype("int32"))

    return TokenizedPairs(
        ragged([np.append(row, END) for row in rows]), ragged([row[::-1] for row in rows])
    )


BATCHES = BucketedBatches(random_pairs(40), CONFIG.batch_tokens)
VALIDATION = BucketedBatches(random_pairs(6), CONFIG.batch_tokens)
STEPS = BATCHES.steps_per_epoch


class Parrot:
    """Stands in for a translator: says what it hears."""

    def translate(self, text):
        return {"translation": tf.identity(text)}

    def align(self, text, translation):
        tokens = {"source_tokens": text[:, None], "target_tokens": translation[:, None]}
        return tokens | {"attention": tf.ones([1, 1, 1, 1, 1])}


def new_model(**options):
    keras.utils.set_random_seed(7)
    config = TransformerConfig(
        source_vocab_size=VOCAB,
        target_vocab_size=VOCAB,
        **SMALL,
        dropout=0.1,
        attention_dropout=0.1,
        max_length=12,
    )
    return Transformer(config, **options)


def run_training(directory, config=CONFIG, model=None, **options):
    """Train, or go on with what is in `directory`; return the model and its checkpoints."""
    model, run = model or new_model(), Run(directory)
    return model, train_translator(
        model,
        config,
        BATCHES,
        VALIDATION,
        run=run,
        translator=Parrot(),
        sample=SAMPLE,
        **options,
    )


def state(model):
    """Return the values of all variables that training changes."""
    return [np.array(v) for v in model.variables + model.optimizer.variables]


def curve(checkpoints):
    """Return the logs of all epochs, but for the time that they took."""
    clocks = ("minutes", "cpu_minutes", "tokens_per_second")
    return [
        {name: value for name, value in logs.items() if name not in clocks}
        for logs in checkpoints.epochs
    ]


def _kill():
    os.kill(os.getpid(), signal.SIGKILL)


def _be_killed_in_an_epoch():
    """After some steps of the first epoch, with a checkpoint behind each."""

    def on_train_batch_begin(callback, batch, logs=None):
        if batch == STEPS // 2:
            _kill()

    Throughput.on_train_batch_begin = on_train_batch_begin
    return CONFIG.replace(checkpoint_minutes=1e-9)


def _be_killed_while_saving():
    """When the checkpoint after the second epoch is half written, and the one before is old."""
    flush = snapshots.flush_to_disk

    def flush_or_die(path):
        if path.name == "variables.npz" and path.parent.name == f"step-{2 * STEPS:07d}":
            os.truncate(path, path.stat().st_size // 2)
            _kill()
        flush(path)

    snapshots.flush_to_disk = flush_or_die
    return CONFIG.replace(checkpoint_minutes=0)


def _be_killed_after(count):
    """After so many events: beginnings of steps, and files that are brought to disk."""
    events = itertools.count(1)

    def counted(function):
        def call(*arguments, **options):
            if next(events) == count:
                _kill()
            return function(*arguments, **options)

        return call

    Throughput.on_train_batch_begin = counted(Throughput.on_train_batch_begin)
    snapshots.flush_to_disk = counted(snapshots.flush_to_disk)
    checkpoints.flush_to_disk = counted(checkpoints.flush_to_disk)
    return CONFIG.replace(checkpoint_minutes=1e-9)


if __name__ == "__main__":
    place = sys.argv[2]
    be_killed = {"epoch": _be_killed_in_an_epoch, "save": _be_killed_while_saving}
    config = _be_killed_after(int(place)) if place.isdecimal() else be_killed[place]()
    run_training(sys.argv[1], config)
