"""Signals and the time limit stop training between two steps, where a checkpoint is saved."""

import signal
import threading
import types

import pytest

from tf_transformer.training.clean_stop import CleanStop


class Checkpoints:
    """Counts what is saved."""

    def __init__(self):
        self.in_epoch = True
        self.saved = 0

    def save(self):
        self.saved += 1


@pytest.fixture
def clean_stop():
    # Python's own handler: a shell starts what is in the background deaf to Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    callback = new_clean_stop()
    yield callback
    callback.release()
    signal.signal(signal.SIGINT, before)


def new_clean_stop(max_minutes=0.0):
    callback = CleanStop(Checkpoints(), max_minutes)
    callback.set_model(types.SimpleNamespace(stop_training=False))
    return callback


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_for_the_end_of_the_step(asked, clean_stop):
    clean_stop.on_train_begin()
    clean_stop.on_train_batch_end(0)
    signal.raise_signal(asked)
    assert clean_stop.checkpoints.saved == 0
    with pytest.raises(KeyboardInterrupt):
        clean_stop.on_train_batch_end(1)
    assert clean_stop.checkpoints.saved == 1


def test_ctrl_c_in_the_last_step_waits_for_the_end_of_the_epoch(clean_stop):
    clean_stop.on_train_begin()
    signal.raise_signal(signal.SIGINT)
    clean_stop.checkpoints.in_epoch = False
    clean_stop.on_train_batch_end(0)
    with pytest.raises(KeyboardInterrupt):
        clean_stop.on_train_end()
    assert clean_stop.checkpoints.saved == 0


def test_ctrl_c_again_waits_for_nothing(clean_stop):
    clean_stop.on_train_begin()
    signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_has_its_usual_effect_again_after_training(asked, clean_stop):
    before = signal.getsignal(asked)
    clean_stop.on_train_begin()
    assert signal.getsignal(asked) != before
    clean_stop.on_train_batch_end(0)
    clean_stop.on_train_end()
    assert signal.getsignal(asked) == before


def test_beside_the_main_thread_signals_are_left_alone(clean_stop):
    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=clean_stop.on_train_begin)
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGINT) == before


@pytest.mark.parametrize(("max_minutes", "late"), [(0.0, False), (10.0, False), (1e-9, True)])
def test_the_time_limit_closes_the_epoch(max_minutes, late):
    callback = new_clean_stop(max_minutes)
    callback.on_train_batch_end(0)
    assert callback.model.stop_training == callback.late == late
    assert callback.checkpoints.saved == late
