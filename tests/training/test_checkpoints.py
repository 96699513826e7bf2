"""The best model is kept, and all that a run needs to go on."""

import errno
import json

import keras
import numpy as np
import pytest

from tf_transformer.errors import UserError
from tf_transformer.training import Checkpoints, load_model

STEPS = 10  # of an epoch


def small_model():
    """Return a model that is ready to train."""
    model = keras.Sequential([keras.layers.Dense(2)])
    model.build((None, 3))
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    return model


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture
def checkpoints(model, tmp_path):
    return callback(model, tmp_path)


def callback(model, directory, data="these batches", **options):
    checkpoints = Checkpoints(directory, **options)
    checkpoints.set_model(model)
    checkpoints.set_params({"steps": STEPS})
    checkpoints.resume(data)
    return checkpoints


def finish_epoch(checkpoints, epoch, bleu, **logs):
    checkpoints.on_epoch_begin(epoch - 1)
    checkpoints.model.set_weights([np.full((3, 2), epoch), np.full(2, epoch)])
    checkpoints.on_train_batch_end(STEPS - 1)
    checkpoints.on_epoch_end(epoch - 1, {"val_bleu": bleu, **logs})
    checkpoints.on_train_end()


def kept(checkpoints):
    return sorted(path.name for path in checkpoints.directory.iterdir())


def test_the_best_model_is_kept_and_all_others_go(checkpoints):
    for epoch, bleu in enumerate([10, 30, 20, 30, 25], start=1):
        finish_epoch(checkpoints, epoch, bleu)
    assert checkpoints.best.name == "step-0000020.keras"  # of equals the first
    assert kept(checkpoints) == [
        "checkpoints.json",
        "step-0000020.keras",
        "step-0000040",
        "step-0000050",
    ]
    assert (load_model(checkpoints.best).get_weights()[0] == 2).all()


def test_the_best_model_before_stays_as_long_as_a_checkpoint_needs_it(checkpoints):
    finish_epoch(checkpoints, 1, 10)
    finish_epoch(checkpoints, 2, 20)
    assert {"step-0000010.keras", "step-0000020.keras"} < set(kept(checkpoints))
    finish_epoch(checkpoints, 3, 15)
    assert "step-0000010.keras" not in kept(checkpoints)


def test_a_new_run_has_none(checkpoints):
    assert checkpoints.best is None
    assert checkpoints.epochs == []


def test_the_epochs_logs_are_kept(checkpoints):
    finish_epoch(checkpoints, 1, 10, loss=np.float32(2.5))
    finish_epoch(checkpoints, 2, 20, loss=1.5)
    assert checkpoints.epochs == Checkpoints(checkpoints.directory).epochs
    assert [{**logs, "minutes": 0, "cpu_minutes": 0} for logs in checkpoints.epochs] == [
        {"epoch": 1, "step": 10, "minutes": 0, "cpu_minutes": 0, "val_bleu": 10, "loss": 2.5},
        {"epoch": 2, "step": 20, "minutes": 0, "cpu_minutes": 0, "val_bleu": 20, "loss": 1.5},
    ]


def test_what_is_there_is_taken_up(checkpoints, model):
    finish_epoch(checkpoints, 1, 30)
    finish_epoch(checkpoints, 2, 20)
    resumed = callback(model, checkpoints.directory)
    assert resumed.step == 2 * STEPS
    assert resumed.best == checkpoints.best
    assert resumed.epochs == checkpoints.epochs
    finish_epoch(resumed, 3, 25)
    assert resumed.best.name == "step-0000010.keras"


def test_in_place_of_a_damaged_index_there_is_that_of_the_newest_checkpoint(checkpoints, capsys):
    finish_epoch(checkpoints, 1, 10)
    finish_epoch(checkpoints, 2, 20)
    (checkpoints.directory / "checkpoints.json").write_text('{"best": ')
    again = Checkpoints(checkpoints.directory)
    assert "checkpoints.json is damaged: going back" in capsys.readouterr().out
    assert again.best == checkpoints.best
    assert again.epochs == checkpoints.epochs


def test_an_epoch_that_was_cut_short_counts_until_the_run_goes_on(checkpoints, model):
    finish_epoch(checkpoints, 1, 10)
    checkpoints.on_epoch_begin(1)
    checkpoints.on_train_batch_end(3)
    checkpoints.save()
    checkpoints.on_epoch_end(1, {"val_bleu": 20})
    checkpoints.on_train_end()
    seen = Checkpoints(checkpoints.directory)  # by a program that uses the model
    assert seen.best.name == "step-0000014.keras"
    assert seen.best.exists()
    assert [logs["step"] for logs in seen.epochs] == [10, 14]

    resumed = callback(model, checkpoints.directory)
    assert resumed.step == 14
    assert resumed.best.name == "step-0000010.keras"
    assert [logs["step"] for logs in resumed.epochs] == [10]


@pytest.mark.parametrize(("minutes", "steps"), [(0, [0]), (10, [0]), (1e-9, [1, 2])])
def test_checkpoints_within_an_epoch_come_by_time(minutes, steps, model, tmp_path):
    checkpoints = callback(model, tmp_path, minutes=minutes)
    checkpoints.on_epoch_begin(0)
    for batch in range(2):
        checkpoints.on_train_batch_end(batch)
    assert kept(checkpoints) == ["checkpoints.json", *(f"step-{step:07d}" for step in steps)]


def test_a_run_that_is_killed_before_its_first_epoch_is_saved_begins_anew(checkpoints, model):
    checkpoints.on_epoch_begin(0)
    checkpoints.on_train_batch_end(STEPS - 1)
    checkpoints.on_epoch_end(0, {"val_bleu": 10})
    resumed = callback(model, checkpoints.directory)
    assert (resumed.step, resumed.epochs, resumed.best) == (0, [], None)


def every_kind_of_variable():
    """A compiled model with dropout, averaged weights, accumulated gradients and a loss scale."""
    model = keras.Sequential(
        [keras.layers.Dense(2), keras.layers.Dropout(0.5), keras.layers.BatchNormalization()]
    )
    model.build((None, 3))
    adam = keras.optimizers.Adam(use_ema=True, gradient_accumulation_steps=2)
    model.compile(keras.optimizers.LossScaleOptimizer(adam), "mse", metrics=["mae"])
    model.train_on_batch(np.ones((4, 3)), np.ones((4, 2)))
    return model, [*model.variables, *model.optimizer.variables, *model.metrics_variables]


def test_a_checkpoint_holds_every_variable(tmp_path):
    model, variables = every_kind_of_variable()
    checkpoints = callback(model, tmp_path)
    checkpoints.on_epoch_begin(0)
    checkpoints.on_train_batch_end(3)
    for i, variable in enumerate(variables):
        variable.assign(np.full(variable.shape, 1000 + i))
    checkpoints.save()

    model, variables = every_kind_of_variable()
    kinds = ("kernel", "seed_generator_state", "moving_mean", "momentum", "average", "accumulator")
    kinds += ("dynamic_scale", "iteration", "mean_absolute_error")
    for kind in kinds:
        assert any(kind in variable.path for variable in variables), kind
    resumed = callback(model, tmp_path)
    resumed.on_epoch_begin(0)
    for i, variable in enumerate(variables):
        np.testing.assert_array_equal(variable, np.full(variable.shape, 1000 + i))


def test_other_batches_or_another_model_than_before_are_refused(checkpoints, model):
    finish_epoch(checkpoints, 1, 10)
    with pytest.raises(UserError, match=r"other batches \(these batches\) than these \(others\)"):
        callback(model, checkpoints.directory, "others")
    other, _ = every_kind_of_variable()
    with pytest.raises(UserError, match="checkpoints of another model or optimizer"):
        callback(other, checkpoints.directory).on_epoch_begin(1)


def test_a_run_that_counted_1_batches_in_the_plural_goes_on(model, tmp_path):
    before = "90 tokens; 1 batches an epoch (1 passes over the text), each 1 blocks of 20, seed 0"
    after = "90 tokens; 1 batch an epoch (1 pass over the text), each 1 block of 20, seed 0"
    finish_epoch(callback(model, tmp_path, before), 1, 10)
    assert callback(model, tmp_path, after).step == 10
    with pytest.raises(UserError, match="other batches"):
        callback(model, tmp_path, after.replace("1 block", "2 blocks"))


def test_minutes_are_those_of_all_sessions(model, tmp_path, monkeypatch):
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    monkeypatch.setattr("time.process_time", lambda: 2 * now)  # both cores work
    checkpoints = callback(model, tmp_path)
    now += 300
    finish_epoch(checkpoints, 1, 10)
    now = 20.0  # of another machine
    resumed = callback(model, tmp_path)
    now += 60
    assert resumed.minutes == pytest.approx(6)
    assert resumed.cpu_minutes == pytest.approx(12)
    assert (resumed.epochs[0]["minutes"], resumed.epochs[0]["cpu_minutes"]) == (5, 10)


def test_a_run_without_a_checkpoint_cannot_go_on(checkpoints, model):
    finish_epoch(checkpoints, 1, 10)
    for path in checkpoints.directory.glob("step-*/*"):
        path.unlink()
    for path in checkpoints.directory.glob("step-???????"):
        path.rmdir()
    with pytest.raises(UserError, match="has a best model, but no checkpoint to resume"):
        callback(model, checkpoints.directory)
    assert load_model(Checkpoints(checkpoints.directory).best)


def test_patience_ends_training_after_epochs_without_a_better_one(model, tmp_path, capsys):
    checkpoints = callback(model, tmp_path, patience=2)
    out = []
    for epoch, bleu in enumerate([10, 12, 12, 11], start=1):
        finish_epoch(checkpoints, epoch, bleu)
        out.append(checkpoints.out_of_patience)
    assert out == [False, False, False, True]
    assert callback(model, tmp_path, patience=2).out_of_patience
    assert "No better val_bleu than 12.00 (epoch 2) in 2 epochs" in capsys.readouterr().out


def test_without_patience_training_never_ends_for_it(checkpoints):
    for epoch in range(1, 5):
        finish_epoch(checkpoints, epoch, 10 - epoch)
    assert not checkpoints.out_of_patience


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_a_save_that_fails_leaves_what_was_before(checkpoints, model, monkeypatch, error):
    finish_epoch(checkpoints, 1, 10)
    before = kept(checkpoints)

    def fail(path):
        path.write_text("half a model")
        raise error

    monkeypatch.setattr(checkpoints.model, "save", fail)
    with pytest.raises(type(error)):
        finish_epoch(checkpoints, 2, 20)
    monkeypatch.undo()
    assert kept(checkpoints) == before
    resumed = callback(model, checkpoints.directory)
    assert resumed.step == STEPS
    assert (load_model(resumed.best).get_weights()[0] == 1).all()


def test_a_missing_or_damaged_model_is_a_user_error(checkpoints, tmp_path):
    finish_epoch(checkpoints, 1, 10)
    whole = checkpoints.best.read_bytes()
    for name, content in {"cut": whole[:-100], "empty": b"", "text": b"no model"}.items():
        path = tmp_path / f"{name}.keras"
        path.write_bytes(content)
        with pytest.raises(UserError, match=f"{name}.keras cannot be loaded: .+"):
            load_model(path)
    with pytest.raises(UserError, match=r"none.keras cannot be loaded"):
        load_model(tmp_path / "none.keras")


def test_the_best_model_holds_its_optimizer_and_how_it_was_compiled(trained):
    loaded = load_model(trained.checkpoints.best)
    assert loaded.compiled
    assert loaded.config == trained.model.config
    steps = {logs["step"] for logs in trained.checkpoints.epochs}
    assert int(loaded.optimizer.iterations) in steps
    assert loaded.loss.smoothing == trained.config.label_smoothing
    schedule = loaded.optimizer.get_config()["learning_rate"]
    assert schedule == trained.model.optimizer.get_config()["learning_rate"]
    assert schedule["class_name"] == "Cosine"


@pytest.mark.parametrize(("monitor", "best"), [("val_accuracy", 2), ("val_loss", 1)])
def test_the_best_epoch_is_that_of_what_is_watched_then_of_the_least_loss(monitor, best, tmp_path):
    logs = [(0.3, 0.8), (0.5, 0.9), (0.6, 0.9)]
    epochs = [
        {"epoch": i, "val_loss": loss, "val_accuracy": accuracy}
        for i, (loss, accuracy) in enumerate(logs, start=1)
    ]
    (tmp_path / "checkpoints.json").write_text(json.dumps({"best": None, "epochs": epochs}))
    assert Checkpoints(tmp_path, monitor=monitor).best_epoch["epoch"] == best
