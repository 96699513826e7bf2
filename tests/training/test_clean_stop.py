"""Ctrl-C and the time limit stop training between two steps."""

import signal
import threading
import types

import pytest

from tf_transformer.training.clean_stop import CleanStop


@pytest.fixture
def clean_stop():
    callback = CleanStop()
    callback.set_model(types.SimpleNamespace(stop_training=False))
    yield callback
    callback.release()


def test_ctrl_c_waits_for_the_end_of_the_step(clean_stop):
    clean_stop.on_train_begin()
    signal.raise_signal(signal.SIGINT)
    for end_of_step in (clean_stop.on_train_batch_end, clean_stop.on_test_batch_end):
        with pytest.raises(KeyboardInterrupt):
            end_of_step(0)


def test_ctrl_c_in_the_last_moments_is_not_lost(clean_stop):
    clean_stop.on_train_begin()
    signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        clean_stop.on_train_end()


def test_ctrl_c_is_given_back_after_training(clean_stop):
    before = signal.getsignal(signal.SIGINT)
    clean_stop.on_train_begin()
    assert signal.getsignal(signal.SIGINT) != before
    clean_stop.on_train_batch_end(0)
    clean_stop.on_train_end()
    assert signal.getsignal(signal.SIGINT) == before


def test_beside_the_main_thread_signals_are_left_alone(clean_stop):
    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=clean_stop.on_train_begin)
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGINT) == before


@pytest.mark.parametrize(("max_minutes", "stops"), [(0.0, False), (10.0, False), (1e-9, True)])
def test_the_time_limit_closes_the_epoch(max_minutes, stops):
    callback = CleanStop(max_minutes)
    callback.set_model(types.SimpleNamespace(stop_training=False))
    callback.on_train_batch_end(0)
    assert callback.model.stop_training == stops
