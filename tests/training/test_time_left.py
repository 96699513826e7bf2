"""The first steps tell how long training takes, although some of them compile."""

import pytest

from tf_transformer.training import time_left
from tf_transformer.training.time_left import TimeLeft


@pytest.fixture
def train(monkeypatch, capsys):
    """Trains steps that take so many seconds each; returns what is printed."""
    clock = [0.0]
    monkeypatch.setattr(time_left.time, "monotonic", lambda: clock[0])

    def train(seconds, **options):
        callback = TimeLeft(len(seconds), **options)
        for step, each in enumerate(seconds):
            callback.on_train_batch_begin(step)
            clock[0] += each
            callback.on_train_batch_end(step)
        return capsys.readouterr().out

    return train


def test_steps_that_compile_are_not_counted(train):
    seconds = 17_100 * [0.035]
    for step in (0, 1, 5, 6, 20, 60):
        seconds[step] = 47.0
    assert train(seconds) == "\nAbout 10 min to go, by the first 100 steps.\n"


def test_a_time_limit_comes_first(train):
    assert "About 4 min to go" in train(1000 * [1.0], max_minutes=5.5)


def test_a_short_training_needs_no_estimate(train):
    assert train(100 * [1.0]) == ""
