"""A training whose loss is no longer a number stops, and keeps nothing of that."""

import json

import keras
import numpy as np
import pytest

from tests.training.test_survival import assert_same, snapshots
from tests.training.tiny_run import CONFIG, STEPS, new_model, run_training
from tf_transformer.errors import UserError
from tf_transformer.training import Checkpoints, DivergedError, Run, compile_model
from tf_transformer.training.throughput import Throughput

TOO_FAST = CONFIG.replace(learning_rate=1e30, clip_norm=0.0, warmup_steps=1)


def spoil_weights(at_step, monkeypatch):
    """Set a weight to NaN behind a step of the second epoch."""

    def on_train_batch_end(callback, batch, logs=None):
        if callback.model.optimizer.iterations == STEPS + at_step:
            weight = callback.model.trainable_variables[0]
            weight.assign(np.full(weight.shape, np.nan))

    monkeypatch.setattr(Throughput, "on_train_batch_begin", on_train_batch_end)
    monkeypatch.setattr(Throughput, "on_train_batch_end", on_train_batch_end)
    monkeypatch.setattr(Throughput, "on_epoch_end", lambda *_: _[2].update(tokens_per_second=1.0))


def test_a_rate_that_is_far_too_high_stops_the_training_with_the_step(
    uninterrupted, model, tmp_path
):
    with pytest.raises(
        DivergedError, match=r"the loss is (NaN|infinite) at step [23]: .*clip_norm"
    ):
        run_training(tmp_path, TOO_FAST)
    checkpoints = Checkpoints(Run(tmp_path).checkpoint_dir)
    assert (checkpoints.best, checkpoints.epochs) == (None, [])
    assert snapshots(tmp_path) == ["step-0000000"]
    assert_same(run_training(tmp_path, model=model), uninterrupted)  # at a sane rate


@pytest.mark.parametrize("at_step", [2, pytest.param(STEPS, marks=pytest.mark.long)])
def test_weights_that_are_lost_in_an_epoch_are_not_kept(
    at_step, uninterrupted, model, tmp_path, monkeypatch
):
    with monkeypatch.context() as patch:
        spoil_weights(at_step, patch)
        kind = "validation loss" if at_step == STEPS else "loss"
        seen = STEPS + at_step + (kind == "loss")
        with pytest.raises(DivergedError, match=f"the {kind} is NaN at step {seen}: "):
            run_training(tmp_path, CONFIG.replace(checkpoint_minutes=1e-9), model)
    assert snapshots(tmp_path)[-1] == f"step-{STEPS + at_step - 1:07d}"
    assert Checkpoints(Run(tmp_path).checkpoint_dir).best.name == f"step-{STEPS:07d}.keras"
    assert_same(run_training(tmp_path, model=model), uninterrupted)


@pytest.mark.long
def test_steps_that_loss_scaling_skips_do_not_count(tmp_path):
    model = new_model(dtype="mixed_float16")
    compile_model(model, CONFIG, STEPS)
    adam = model.optimizer.inner_optimizer
    scaled = keras.optimizers.LossScaleOptimizer(adam, initial_scale=2.0**40)
    model.compile(scaled, model.loss, metrics=model._compile_metrics._user_metrics)
    _, checkpoints = run_training(tmp_path, model=model)
    assert len(checkpoints.epochs) == CONFIG.epochs
    assert model.optimizer.inner_optimizer.iterations < checkpoints.step
    assert np.isfinite([logs["loss"] for logs in checkpoints.epochs]).all()


def test_epochs_without_a_finite_loss_are_never_best(tmp_path):
    nan = float("nan")
    epochs = [
        {"epoch": 1, "val_loss": nan, "val_bleu": 3.0},
        {"epoch": 2, "val_loss": 2.0, "val_bleu": 1.0},
        {"epoch": 3, "val_loss": float("inf"), "val_bleu": 9.0},
        {"epoch": 4, "val_loss": 1.5, "val_bleu": 1.0},
    ]
    (tmp_path / "checkpoints.json").write_text(json.dumps({"best": None, "epochs": epochs}))
    assert Checkpoints(tmp_path).best_epoch["epoch"] == 4
    assert Checkpoints(tmp_path, monitor="val_loss").best_epoch["epoch"] == 4


def test_it_is_a_mistake_that_the_user_can_mend():
    assert issubclass(DivergedError, UserError)
    with (
        pytest.raises(DivergedError, match=r"^stopped\. Go on\.$"),
        DivergedError.advice("Go on."),
    ):
        raise DivergedError("stopped.")
