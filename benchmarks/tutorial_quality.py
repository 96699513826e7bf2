"""How good the Transformer of TensorFlow's tutorial becomes within a given time.

    python -m benchmarks.tutorial_quality --cpu_minutes=40 --run_dir=runs/tutorial
    python recipes/compare_runs.py runs/ours runs/tutorial

It is trained as the tutorial trains it: random batches of 64 pairs of any length, the paper's
schedule with 4,000 steps of warm-up, no smoothing, no averaging, a vocabulary for each side, greedy
search with the last weights. But its masks are repaired: the tutorial loses them under Keras 3, and
padding then changes the translations. BLEU is measured as in our runs.
"""

from __future__ import annotations

from tf_transformer.cli import command_line  # first: it keeps TensorFlow's start-up quiet

# isort: split
import sys
import time

import keras
import tensorflow as tf
from absl import flags

import tf_transformer as tft
from benchmarks.corpus import choose_corpus
from benchmarks.peers.tutorial_transformer import (
    BATCH_SIZE,
    MAX_TOKENS,
    TutorialTransformer,
    compile_tutorial,
    tutorial_dataset,
)
from tf_transformer.errors import counted
from tf_transformer.files import write_json
from tf_transformer.text import END, PAD, START
from tf_transformer.training.throughput import Throughput

FLAGS = flags.FLAGS
flags.DEFINE_float("cpu_minutes", 40.0, "training time, all cores together, with validation")
flags.DEFINE_string("run_dir", "runs/tutorial", "where its metrics and weights go")
flags.DEFINE_string("split", "validation", "the split to score")
flags.DEFINE_integer("seed", 1, "of the weights and of dropout")

_PEER = "TensorFlow's tutorial, masks repaired"
_VOCAB_SIZE = 8000
_PLAN = {  # the tutorial's training, in terms of our configuration
    "tokenizer": "wordpiece",
    "vocab_size": _VOCAB_SIZE,
    "joint_vocabulary": False,
    "batch_pairs": BATCH_SIZE,
    "schedule": "noam",
    "warmup_steps": 4000,
    "label_smoothing": 0.0,
}


class Budget(keras.callbacks.Callback):
    """Ends training after some minutes of processor time, and keeps the curve.

    Args:
        cpu_minutes: minutes of all cores together, counted from now.
    """

    def __init__(self, cpu_minutes):
        super().__init__()
        self.epochs = []
        self._seconds = 60 * cpu_minutes
        self._started, self._cpu_started = time.monotonic(), time.process_time()

    def on_train_batch_end(self, batch, logs=None):
        self.model.stop_training = self._cpu_seconds() >= self._seconds

    def on_epoch_end(self, epoch, logs=None):
        cpu_seconds = self._cpu_seconds()
        self.model.stop_training = cpu_seconds >= self._seconds  # validation takes some, too
        self.epochs.append(
            {
                "epoch": epoch + 1,
                "step": int(self.model.optimizer.iterations),
                "minutes": round((time.monotonic() - self._started) / 60, 3),
                "cpu_minutes": round(cpu_seconds / 60, 3),
                **{name: float(value) for name, value in logs.items()},
            }
        )
        print(
            "epoch {epoch}: {cpu_minutes:.1f} CPU minutes, loss {loss:.3f}, validation "
            "{val_loss:.3f}".format(**self.epochs[-1]),
            flush=True,
        )

    def _cpu_seconds(self):
        return time.process_time() - self._cpu_started


def train(model, pairs, validation, cpu_minutes):
    """Train until the time is over; return the logs of all epochs, of which the last is cut short.

    Args:
        model: a `TutorialTransformer`.
        pairs: `TokenizedPairs` to train on.
        validation: `TokenizedPairs` to validate on.
        cpu_minutes: minutes of training.
    """
    compile_tutorial(model, model.target_embedding.d_model)
    dataset = batches_of(pairs)
    target_tokens = len(pairs.targets.values) + len(pairs)
    budget = Budget(cpu_minutes)
    model.fit(
        dataset,
        epochs=sys.maxsize,
        validation_data=batches_of(validation),
        callbacks=[Throughput(target_tokens / len(dataset)), budget],
        shuffle=False,  # the batches are already shuffled
        verbose=0,
    )
    return budget.epochs


def batches_of(pairs):
    """Return the tutorial's batches of `TokenizedPairs`."""
    sources, targets = (
        tf.RaggedTensor.from_row_splits(side.values, side.row_splits)
        for side in (pairs.sources, pairs.targets)
    )
    ones = tf.ones([len(pairs), 1], tf.int32)
    return tutorial_dataset(sources, tf.concat([START * ones, targets, END * ones], axis=1))


def greedy(model, source_tokenizer, target_tokenizer):
    """Return a function from texts to `{"translation": texts}`.

    It finds what the tutorial's loop finds, running the whole model again for every token, but in
    batches; a row may have as many tokens as one of ours.
    """

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
    def translate(text):
        tokens = source_tokenizer.tokenize(text)[:, : MAX_TOKENS - 1]
        ends = tf.fill([tf.size(text), 1], END)
        source_ids = tf.concat([tokens, ends], axis=1).to_tensor()
        lengths = tf.cast(tokens.row_lengths(), tf.int32)
        limits = tf.minimum(2 * lengths + 10, MAX_TOKENS)

        def step(ids, done):
            logits = model((source_ids, ids), training=False)
            best = tf.argmax(logits[:, -1], axis=-1, output_type=tf.int32)
            ids = tf.concat([ids, tf.where(done, PAD, best)[:, None]], axis=1)
            return ids, done | (best == END) | (tf.shape(ids)[1] > limits)

        ids, _ = tf.while_loop(
            lambda ids, done: ~tf.reduce_all(done),
            step,
            [tf.fill([tf.size(text), 1], START), lengths == 0],
            shape_invariants=[tf.TensorShape([None, None]), tf.TensorShape([None])],
        )
        return {"translation": target_tokenizer.detokenize(ids)}

    return translate


def main():
    dataset, data_dir = choose_corpus()
    corpus = tft.load_corpus(dataset, data_dir)
    run = tft.Run.create(FLAGS.run_dir)
    keras.utils.set_random_seed(FLAGS.seed)
    pairs = corpus.pairs("train")
    tokenizers = tft.train_tokenizers(
        pairs.sources, pairs.targets, "wordpiece", _VOCAB_SIZE, False, corpus.text_form
    )
    tft.save_tokenizers(run.tokenizer_dir, *tokenizers)
    config = tft.TransformerConfig(
        source_vocab_size=tokenizers[0].vocab_size,
        target_vocab_size=tokenizers[1].vocab_size,
        norm="post",
        tie="none",
    )
    training = _PLAN | {"cpu_minutes": FLAGS.cpu_minutes, "seed": FLAGS.seed}
    write_json(
        run.directory / "config.json",
        {"peer": _PEER, "dataset": dataset, "model": config.to_dict(), "training": training},
    )

    model = TutorialTransformer(config)
    train_pairs, validation = (
        tft.data.tokenize_pairs(corpus.pairs(split), *tokenizers, max_length=MAX_TOKENS)
        for split in ("train", "validation")
    )
    epochs = train(model, train_pairs, validation, FLAGS.cpu_minutes)
    model.save_weights(run.directory / "last.weights.h5")

    pairs = corpus.pairs(FLAGS.split)
    print(f"Translating {counted(len(pairs), 'sentence')} of {corpus.name}, {FLAGS.split}:")
    found = tft.tasks.map_texts(
        greedy(model, *tokenizers), pairs.sources, progress=sys.stdout.isatty()
    )
    scores = tft.score(found["translation"], pairs.targets, corpus.bleu_tokenize)
    if FLAGS.split == "validation":
        epochs[-1]["val_bleu"] = scores.bleu
    run.save_metrics(
        FLAGS.split, scores, {"beam_size": 1, "alpha": 0.0}, model.count_params(), epochs
    )
    print(f"{scores}\n\n{epochs[-1]['cpu_minutes']:.1f} CPU minutes; {run.metrics_path}")


if __name__ == "__main__":
    command_line.run(main)
