"""Where epochs are short, checkpoints are few, and the best model is held until it is written."""

import os
import shutil
import signal

import keras
import numpy as np
import pytest

from tests.training.test_checkpoints import callback, small_model
from tests.training.test_survival import assert_same, snapshots
from tests.training.tiny_run import CONFIG, STEPS, run_training
from tf_transformer.training import Checkpoints, DivergedError, Run, load_model
from tf_transformer.training.snapshots import Snapshots
from tf_transformer.training.throughput import Throughput

ONLY_AT_THE_END = CONFIG.replace(checkpoint_share=0.0)
BLEUS = [10, 30, 20, 40, 35, 35]


@pytest.fixture(scope="module")
def small():
    return small_model()


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is moved: `clock[0] += seconds`."""
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


def set_values(model, epoch):
    model.set_weights([np.full((3, 2), epoch), np.full(2, epoch)])
    model.optimizer.iterations.assign(10 * epoch)


def train_epoch(checkpoints, epoch, bleu, clock=None, seconds=0):
    checkpoints.on_epoch_begin(epoch - 1)
    if seconds:
        clock[0] += seconds
    set_values(checkpoints.model, epoch)
    checkpoints.on_train_batch_end(9)
    checkpoints.on_epoch_end(epoch - 1, {"val_bleu": bleu})
    checkpoints.on_train_end()


def epoch_of(path):
    """Return the epoch whose values a `.keras` file holds, as `set_values` has set them."""
    loaded = load_model(path)
    (epoch,) = {*np.ravel(loaded.get_weights()[0]), int(loaded.optimizer.iterations) / 10}
    return epoch


def writes(clock, monkeypatch, seconds):
    """Let each writing of a model or a checkpoint take so long; return the list of their times."""
    times = []

    def slow(function):
        def call(self, *arguments, **options):
            times.append((clock[0], seconds))
            clock[0] += seconds
            return function(self, *arguments, **options)

        return call

    monkeypatch.setattr(keras.Model, "save", slow(keras.Model.save))
    monkeypatch.setattr(Snapshots, "save", slow(Snapshots.save))
    return times


@pytest.mark.parametrize("share", [0.03, 0.2])
def test_writing_takes_at_most_its_share_of_the_time(share, small, tmp_path, clock, monkeypatch):
    times = writes(clock, monkeypatch, seconds=0.5)
    checkpoints = callback(small, tmp_path, share=share, minutes=5)
    for epoch in range(1, 61):
        train_epoch(checkpoints, epoch, epoch, clock, seconds=7)
    began = times[0][0]
    for i, (time, _) in enumerate(times):
        if time > times[i - 1][0] + 0.5:  # not the second of two in a row
            assert sum(seconds for _, seconds in times[:i]) <= share * (time - began) + 1e-6
    assert sum(seconds for _, seconds in times) > share / 2 * (clock[0] - began)


def test_long_epochs_all_have_their_checkpoint(small, tmp_path, clock, monkeypatch):
    times = writes(clock, monkeypatch, seconds=1.0)
    checkpoints = callback(small, tmp_path, share=0.03)
    for epoch in range(1, 5):
        train_epoch(checkpoints, epoch, epoch, clock, seconds=120)
        assert checkpoints.best.name == f"step-{10 * epoch:07d}.keras"
        assert Snapshots(tmp_path).newest()[1]["step"] == 10 * epoch
    assert len(times) == 1 + 2 * 4


def test_a_model_that_is_written_later_is_what_it_was(small, tmp_path):
    checkpoints = callback(small, tmp_path, share=0)
    for epoch, bleu in enumerate([10, 30, 20], start=1):
        train_epoch(checkpoints, epoch, bleu)
    assert not list(tmp_path.glob("*.keras"))
    assert (checkpoints.best, Checkpoints(tmp_path).best) == (None, None)
    assert Checkpoints(tmp_path).best_epoch["epoch"] == 2  # the curve is there

    checkpoints.finish()
    assert (small.get_weights()[0] == 3).all()  # training could go on
    assert small.optimizer.iterations == 30
    assert [path.name for path in tmp_path.glob("*.keras")] == ["step-0000020.keras"]
    assert epoch_of(Checkpoints(tmp_path).best) == 2
    resumed = callback(small, tmp_path)
    assert (resumed.step, resumed.best.name) == (30, "step-0000020.keras")


def test_what_was_put_off_comes_with_the_next_checkpoint_of_an_epoch(
    small, tmp_path, clock, monkeypatch
):
    writes(clock, monkeypatch, seconds=1.0)
    checkpoints = callback(small, tmp_path, share=0.01, minutes=5)
    train_epoch(checkpoints, 1, 10)
    checkpoints.on_epoch_begin(1)
    for seconds, step in ((200, 0), (99, 0), (1, 13)):  # the first took 1 s; then 5 min must pass
        clock[0] += seconds
        checkpoints.on_train_batch_end(2)
        assert Snapshots(tmp_path).newest()[1]["step"] == step
    assert epoch_of(callback(small, tmp_path).best) == 1


def test_the_last_epoch_is_written_once(small, tmp_path, monkeypatch):
    checkpoints = callback(small, tmp_path)
    train_epoch(checkpoints, 1, 10)
    monkeypatch.delattr(os, "replace")
    checkpoints.finish()


def test_killed_at_any_moment_it_goes_on_from_a_whole_checkpoint(
    small, tmp_path, clock, monkeypatch
):
    run, moments = tmp_path / "run", []

    def noted(function):
        def call(*arguments):
            moments.append(shutil.copytree(run, tmp_path / f"{len(moments)}"))
            clock[0] += 0.1
            return function(*arguments)

        return call

    with monkeypatch.context() as patch:
        for name in ("fsync", "replace"):
            patch.setattr(os, name, noted(getattr(os, name)))
        checkpoints = callback(small, run, share=0.05)
        for epoch, bleu in enumerate(BLEUS, start=1):
            train_epoch(checkpoints, epoch, bleu, clock, seconds=10)
        checkpoints.finish()

    seen = {}

    def epoch_in(path):
        key = path.name, path.read_bytes()
        return seen[key] if key in seen else seen.setdefault(key, epoch_of(path))

    steps = []
    for moment in moments:
        of_reader = Checkpoints(moment)
        if of_reader.best:  # a program that uses the model finds it
            assert f"step-{10 * epoch_in(of_reader.best):07.0f}.keras" == of_reader.best.name
        resumed = callback(small, moment)
        epochs = resumed.step // 10
        assert [logs["val_bleu"] for logs in resumed.epochs] == BLEUS[:epochs]
        if epochs:
            assert epoch_in(resumed.best) == resumed.best_epoch["epoch"]
            resumed.on_epoch_begin(epochs)
            assert (small.get_weights()[0] == epochs).all()
        steps.append(resumed.step)
    assert steps == sorted(steps)
    assert 2 < len({*steps}) < 1 + len(BLEUS)  # some epochs had a checkpoint, others had none


def press_ctrl_c(at_step, monkeypatch):
    """Press Ctrl-C once, in a step that is counted from the start of training."""

    def on_train_batch_begin(callback, batch, logs=None):
        if callback.model.optimizer.iterations == at_step:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Throughput, "on_train_batch_begin", on_train_batch_begin)


@pytest.mark.parametrize("place", ["in an epoch", "in its last step"])
def test_ctrl_c_writes_all_that_was_put_off(place, uninterrupted, model, tmp_path, monkeypatch):
    at_step = STEPS + 2 if place == "in an epoch" else 2 * STEPS - 1
    with monkeypatch.context() as patch:
        press_ctrl_c(at_step, patch)
        with pytest.raises(KeyboardInterrupt):
            run_training(tmp_path, ONLY_AT_THE_END, model)
    assert snapshots(tmp_path) == ["step-0000000", f"step-{at_step + 1:07d}"]
    best = Checkpoints(Run(tmp_path).checkpoint_dir).best
    assert best.name == f"step-{(at_step + 1) // STEPS * STEPS:07d}.keras"  # each is better
    assert_same(run_training(tmp_path, ONLY_AT_THE_END, model), uninterrupted)


def test_a_training_that_diverges_keeps_the_best_model(uninterrupted, model, tmp_path, monkeypatch):
    def spoil(callback, batch, logs=None):
        if callback.model.optimizer.iterations == STEPS + 2:
            weight = callback.model.trainable_variables[0]
            weight.assign(np.full(weight.shape, np.nan))

    with monkeypatch.context() as patch:
        patch.setattr(Throughput, "on_train_batch_begin", spoil)
        with pytest.raises(DivergedError):
            run_training(tmp_path, ONLY_AT_THE_END, model)
    best = Checkpoints(Run(tmp_path).checkpoint_dir).best
    assert best.name == f"step-{STEPS:07d}.keras"
    assert all(np.isfinite(weight).all() for weight in load_model(best).get_weights())
    assert snapshots(tmp_path) == ["step-0000000"]
    assert_same(run_training(tmp_path, ONLY_AT_THE_END, model), uninterrupted)
