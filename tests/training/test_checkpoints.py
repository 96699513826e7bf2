"""The last and the best model are kept whatever happens."""

import errno

import keras
import numpy as np
import pytest

from tf_transformer.errors import UserError
from tf_transformer.training import Checkpoints, load_model


@pytest.fixture(scope="module")
def model():
    model = keras.Sequential([keras.layers.Dense(2)])
    model.build((None, 3))
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    return model


@pytest.fixture
def checkpoints(model, tmp_path):
    return callback(model, tmp_path)


def callback(model, directory, **options):
    checkpoints = Checkpoints(directory, **options)
    checkpoints.set_model(model)
    model.stop_training = False
    return checkpoints


def finish_epoch(checkpoints, epoch, bleu, **logs):
    checkpoints.model.optimizer.iterations.assign(10 * epoch)
    checkpoints.model.set_weights([np.full((3, 2), epoch), np.full(2, epoch)])
    checkpoints.on_epoch_end(epoch - 1, {"val_bleu": bleu, **logs})


def kept(checkpoints):
    return sorted(path.name for path in checkpoints.directory.iterdir())


def test_the_last_and_the_best_are_kept_and_all_others_go(checkpoints):
    for epoch, bleu in enumerate([10, 30, 20, 30, 25], start=1):
        finish_epoch(checkpoints, epoch, bleu)
        assert checkpoints.last.name == f"step-{10 * epoch:07d}.keras"
    assert checkpoints.best.name == "step-0000020.keras"  # of equals the first
    assert kept(checkpoints) == ["checkpoints.json", "step-0000020.keras", "step-0000050.keras"]
    assert (load_model(checkpoints.best).get_weights()[0] == 2).all()
    assert (load_model(checkpoints.last).get_weights()[0] == 5).all()


def test_one_file_may_be_both(checkpoints):
    finish_epoch(checkpoints, 1, 10)
    finish_epoch(checkpoints, 2, 20)
    assert checkpoints.best == checkpoints.last
    assert kept(checkpoints) == ["checkpoints.json", "step-0000020.keras"]


def test_a_new_run_has_none(checkpoints):
    assert checkpoints.last is checkpoints.best is None
    assert checkpoints.epochs == []


def test_before_any_epoch_is_scored_the_last_is_the_best(checkpoints):
    checkpoints.save()
    assert checkpoints.best == checkpoints.last
    assert checkpoints.best.exists()


def test_the_epochs_logs_are_kept(checkpoints):
    finish_epoch(checkpoints, 1, 10, loss=np.float32(2.5))
    finish_epoch(checkpoints, 2, 20, loss=1.5)
    expected = [
        {"epoch": 1, "step": 10, "val_bleu": 10, "loss": 2.5},
        {"epoch": 2, "step": 20, "val_bleu": 20, "loss": 1.5},
    ]
    assert checkpoints.epochs == Checkpoints(checkpoints.directory).epochs == expected


def test_what_is_there_is_taken_up(checkpoints, model):
    finish_epoch(checkpoints, 1, 30)
    finish_epoch(checkpoints, 2, 20)
    resumed = callback(model, checkpoints.directory)
    assert (resumed.last, resumed.best) == (checkpoints.last, checkpoints.best)
    finish_epoch(resumed, 3, 25)
    assert resumed.best.name == "step-0000010.keras"
    assert kept(resumed) == ["checkpoints.json", "step-0000010.keras", "step-0000030.keras"]


def test_training_ends_after_patience_epochs_without_a_better_one(model, tmp_path, capsys):
    checkpoints = callback(model, tmp_path, patience=2)
    stopped = []
    for epoch, bleu in enumerate([10, 12, 12, 11], start=1):
        finish_epoch(checkpoints, epoch, bleu)
        stopped.append(model.stop_training)
    assert stopped == [False, False, False, True]
    assert "No better val_bleu than 12.00 (epoch 2) in 2 epochs" in capsys.readouterr().out


def test_without_patience_training_never_ends_for_it(checkpoints):
    for epoch in range(1, 5):
        finish_epoch(checkpoints, epoch, 10 - epoch)
    assert not checkpoints.model.stop_training


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_a_save_that_fails_leaves_the_checkpoints_before_it(checkpoints, monkeypatch, error):
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
    resumed = Checkpoints(checkpoints.directory)
    assert resumed.last == resumed.best == checkpoints.directory / "step-0000010.keras"
    assert (load_model(resumed.last).get_weights()[0] == 1).all()


def test_a_missing_or_damaged_checkpoint_is_a_user_error(checkpoints, tmp_path):
    finish_epoch(checkpoints, 1, 10)
    whole = checkpoints.last.read_bytes()
    for name, content in {"cut": whole[:-100], "empty": b"", "text": b"no model"}.items():
        path = tmp_path / f"{name}.keras"
        path.write_bytes(content)
        with pytest.raises(UserError, match=f"{name}.keras cannot be loaded: .+"):
            load_model(path)
    with pytest.raises(UserError, match=r"none.keras cannot be loaded"):
        load_model(tmp_path / "none.keras")


def test_a_checkpoint_holds_weights_optimizer_and_how_it_was_compiled(trained):
    loaded = load_model(trained.checkpoints.last)
    assert loaded.compiled
    assert loaded.config == trained.model.config
    ours, theirs = (m.weights + m.optimizer.variables for m in (trained.model, loaded))
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a, b)
    assert loaded.loss.smoothing == trained.config.label_smoothing
    schedule = loaded.optimizer.get_config()["learning_rate"]
    assert schedule == trained.model.optimizer.get_config()["learning_rate"]
    assert schedule["class_name"] == "Cosine"
