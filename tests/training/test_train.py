"""Training can be repeated, interrupted and resumed, and shows what it does."""

import signal

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tf_transformer.config import TrainingConfig, TransformerConfig
from tf_transformer.data import BucketedBatches, Pairs
from tf_transformer.data.tokenized_pairs import Ragged, TokenizedPairs
from tf_transformer.models import Transformer
from tf_transformer.text import END
from tf_transformer.training import Checkpoints, Cosine, Run, load_model, train, training_plan
from tf_transformer.training.throughput import Throughput
from tf_transformer.training.train import compile_model

VOCAB = 19
CONFIG = TrainingConfig(
    batch_tokens=24, max_length=12, epochs=2, learning_rate=0.01, warmup_steps=5, patience=0
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


def new_model(dropout=0.0, **options):
    keras.utils.set_random_seed(7)
    config = TransformerConfig(
        source_vocab_size=VOCAB,
        target_vocab_size=VOCAB,
        num_layers=1,
        d_model=16,
        num_heads=2,
        d_ff=16,
        dropout=dropout,
        max_length=12,
    )
    return Transformer(config, **options)


def run_training(model, directory, config=CONFIG):
    return train(model, config, BATCHES, VALIDATION, Parrot(), SAMPLE, Run(directory))


def curve(checkpoints):
    names = ("epoch", "step", "loss", "accuracy", "perplexity", "val_loss", "val_accuracy")
    return [[logs[name] for name in names] for logs in checkpoints.epochs]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    model = new_model()
    return model, run_training(model, tmp_path_factory.mktemp("uninterrupted"))


def test_one_seed_gives_one_loss_curve(tmp_path):
    config = CONFIG.replace(epochs=1)
    first, second = (
        curve(run_training(new_model(dropout=0.3), tmp_path / name, config))
        for name in ("first", "second")
    )
    np.testing.assert_allclose(first, second, rtol=1e-6)


def test_training_learns(uninterrupted):
    _, checkpoints = uninterrupted
    first, last = checkpoints.epochs
    assert (first["epoch"], first["step"]) == (1, STEPS)
    assert (last["epoch"], last["step"]) == (2, 2 * STEPS)
    for name in ("loss", "perplexity", "val_loss", "val_perplexity"):
        assert last[name] < first[name]
    assert last["tokens_per_second"] > 0


def test_a_run_that_was_interrupted_ends_as_if_it_had_not_been(
    uninterrupted, tmp_path, monkeypatch
):
    """Ctrl-C in the first epoch, resumed; stopped by the clock one step later; resumed again."""
    before = signal.getsignal(signal.SIGINT)

    def press_ctrl_c(callback, batch, logs=None):
        signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(Throughput, "on_train_batch_begin", press_ctrl_c)
        with pytest.raises(KeyboardInterrupt):
            run_training(new_model(), tmp_path)
    assert signal.getsignal(signal.SIGINT) == before
    checkpoints = Checkpoints(Run(tmp_path).checkpoint_dir)
    model = load_model(checkpoints.last)
    assert model.optimizer.iterations == 1
    assert checkpoints.epochs == []

    checkpoints = run_training(model, tmp_path, CONFIG.replace(max_minutes=1e-9))
    model = load_model(checkpoints.last)
    assert model.optimizer.iterations == 2 < STEPS
    (logs,) = checkpoints.epochs
    assert (logs["epoch"], logs["step"]) == (1, 2)
    assert np.isfinite([logs["val_loss"], logs["val_bleu"]]).all()

    checkpoints = run_training(model, tmp_path)
    expected_model, expected_checkpoints = uninterrupted
    assert model.optimizer.iterations == 2 * STEPS
    for ours, theirs in zip(model.weights, expected_model.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    np.testing.assert_allclose(curve(checkpoints)[-1], curve(expected_checkpoints)[-1], rtol=1e-4)
    assert [logs["step"] for logs in checkpoints.epochs] == [2, STEPS, 2 * STEPS]


def test_a_finished_run_has_nothing_left_to_train(uninterrupted):
    model, checkpoints = uninterrupted
    before = [np.array(weight) for weight in model.weights]
    resumed = run_training(model, checkpoints.directory.parent)
    assert resumed.epochs == checkpoints.epochs
    assert resumed.best == checkpoints.best
    for weight, value in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(weight, value)


@pytest.mark.parametrize("dtype", ["mixed_bfloat16", "mixed_float16"])
def test_a_step_in_mixed_precision_is_finite_and_learns(dtype):
    model = new_model(dtype=dtype)
    compile_model(model, CONFIG, STEPS)
    model.run_eagerly = True
    inputs, targets = next(iter(BATCHES.dataset()))
    losses = [model.train_on_batch(inputs, targets, return_dict=True)["loss"] for _ in range(3)]
    assert np.isfinite(losses).all()
    if dtype == "mixed_bfloat16":  # the loss scale of float16 needs steps to settle
        assert losses[-1] < losses[0]
    assert all(weight.dtype == "float32" for weight in model.trainable_weights)


@pytest.mark.parametrize(
    ("options", "rate"),
    [
        ({"schedule": "noam", "learning_rate": 0.0}, (16 * 5) ** -0.5),
        ({"schedule": "noam"}, 0.01),
        ({"schedule": "cosine"}, 0.01),
    ],
)
def test_the_learning_rate_peaks_where_it_should(options, rate):
    model = new_model()
    compile_model(model, CONFIG.replace(**options), STEPS)
    model.optimizer.iterations.assign(4)
    assert float(model.optimizer.learning_rate) == pytest.approx(rate)
    model.optimizer.iterations.assign(2 * STEPS - 1)
    last = 0.0 if options["schedule"] == "cosine" else rate * (5 / (2 * STEPS)) ** 0.5
    assert float(model.optimizer.learning_rate) == pytest.approx(last, rel=1e-5, abs=1e-7)


def test_the_plan_names_weights_steps_and_limits():
    model = new_model()
    line = training_plan(model, CONFIG.replace(max_minutes=7.5), BATCHES)
    assert f"{model.count_params():,} weights" in line
    assert f"2 epochs of {STEPS} steps" in line
    assert "at most 7.5." in line
    assert "\n" not in line


@pytest.fixture(scope="module")
def events(trained):
    """What TensorBoard reads of the run in `trained`: `{split: {tag: [(step, value)]}}`."""
    found = {}
    for split in ("train", "validation"):
        accumulator = EventAccumulator(str(trained.run.log_dir / split), {"tensors": 0})
        accumulator.Reload()
        found[split] = {
            tag: [
                (event.step, tf.make_ndarray(event.tensor_proto))
                for event in accumulator.Tensors(tag)
            ]
            for tag in accumulator.Tags()["tensors"]
        }
    return found


def test_tensorboard_shows_how_training_goes(trained, events):
    scalars = events["train"]
    assert set(scalars) == {
        "loss",
        "accuracy",
        "perplexity",
        "learning_rate",
        "padding",
        "tokens_per_second",
    }
    for name in ("loss", "accuracy", "perplexity"):
        assert len(scalars[name]) > len(trained.checkpoints.epochs)  # within epochs too
        scale = np.log if name == "perplexity" else np.asarray  # on which its means are taken
        first = 0
        for logs in trained.checkpoints.epochs:
            points = [(s, v) for s, v in scalars[name] if first < s <= logs["step"]]
            steps, values = map(np.array, zip(*points, strict=True))
            mean = np.average(scale(values), weights=np.diff(steps, prepend=first))
            assert mean == pytest.approx(scale(logs[name]), rel=1e-3)
            first = logs["step"]
    schedule = Cosine(0.01, 40, trained.checkpoints.epochs[-1]["step"])
    for step, rate in scalars["learning_rate"]:
        assert float(rate) == pytest.approx(float(schedule(step)))
    assert all(0 <= value < 0.5 for _, value in scalars["padding"])
    assert all(value > 0 for _, value in scalars["tokens_per_second"])


def test_tensorboard_shows_each_epochs_validation(trained, events):
    epochs = trained.checkpoints.epochs
    for name in ("loss", "accuracy", "perplexity", "bleu"):
        found = events["validation"][name]
        assert [step for step, _ in found] == [logs["step"] for logs in epochs]
        expected = [logs[f"val_{name}"] for logs in epochs]
        np.testing.assert_allclose([float(value) for _, value in found], expected, rtol=1e-5)


def test_tensorboard_shows_translations_beside_their_references(trained, events):
    tables = events["validation"]["translations"]
    assert len(tables) == len(trained.checkpoints.epochs)
    lines = tables[-1][1].item().decode().splitlines()
    assert lines[0] == "source | translation | reference"
    assert len(lines) == 2 + 8
    assert lines[2] == "bom dia. | good morning. | good morning."
