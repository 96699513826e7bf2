"""Checkpoints are written beside the training: what is written is what was copied."""

import threading

import numpy as np
import pytest

from tests.training.test_checkpoints import callback, small_model
from tf_transformer.training.snapshots import Snapshots


@pytest.fixture
def checkpoints(tmp_path):
    return callback(small_model(), tmp_path, minutes=1e-9, beside=True)


@pytest.fixture
def slow(monkeypatch):
    """A disk that writes snapshots when the test says so; it notes their steps."""
    go_on, steps, save = threading.Event(), [], Snapshots.save

    def wait_and_save(self, step, *args, **kwargs):
        assert go_on.wait(60)
        save(self, step, *args, **kwargs)
        steps.append(step)

    monkeypatch.setattr(Snapshots, "save", wait_and_save)
    yield go_on, steps
    go_on.set()


def set_all(model, value):
    for variable in [*model.variables, *model.optimizer.variables]:
        variable.assign(np.full(variable.shape, value))


def test_training_goes_on_and_changes_nothing_of_what_is_written(checkpoints, slow):
    go_on, steps = slow
    model = checkpoints.model
    set_all(model, 3)
    checkpoints.on_epoch_begin(0)
    for batch in range(5):  # none waits, and none begins another checkpoint
        checkpoints.on_train_batch_end(batch)
        model.fit(np.ones((8, 3)), np.ones((8, 2)), verbose=0)
    assert not steps
    set_all(model, 7)
    go_on.set()
    checkpoints.finish()
    assert steps == [0]

    resumed = callback(small_model(), checkpoints.directory)
    resumed.on_epoch_begin(0)
    assert resumed.step == 0
    for variable in [*resumed.model.variables, *resumed.model.optimizer.variables]:
        assert (np.array(variable) == 3).all(), variable.path


def test_the_end_of_an_epoch_waits_for_the_checkpoint_before(checkpoints, slow):
    go_on, steps = slow
    checkpoints.on_epoch_begin(0)
    threading.Timer(0.2, go_on.set).start()
    checkpoints.on_train_batch_end(9)
    checkpoints.on_epoch_end(0, {"val_bleu": 1.0})
    assert steps == [0]
    checkpoints.on_train_end()
    checkpoints.finish()
    assert steps == [0, 10]
    assert checkpoints.best.exists()


def test_a_disk_that_fails_ends_the_training(checkpoints, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("no space left")

    monkeypatch.setattr(Snapshots, "save", fail)
    checkpoints.on_epoch_begin(0)
    checkpoints.on_train_batch_end(9)
    with pytest.raises(OSError, match="no space left"):
        checkpoints.on_epoch_end(0, {"val_bleu": 1.0})


def test_a_checkpoint_that_was_asked_for_is_written_when_the_call_returns(checkpoints):
    checkpoints.on_epoch_begin(0)
    checkpoints.on_train_batch_end(3)
    checkpoints.save()
    assert (checkpoints.directory / "step-0000004" / "manifest.json").exists()
