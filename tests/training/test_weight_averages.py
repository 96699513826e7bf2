"""Averages are the right ones, take the weights' place for a while, and disturb no training."""

import keras
import numpy as np
import pytest

from tests.training.tiny_run import (
    CONFIG,
    STEPS,
    VALIDATION,
    curve,
    new_model,
    run_training,
    state,
)
from tf_transformer.optimizers import AveragedAdam, AveragedMuon
from tf_transformer.training import compile_model, load_model
from tf_transformer.training.fit import _build
from tf_transformer.training.throughput import Throughput
from tf_transformer.training.weight_averages import WeightAverages

OPTIMIZERS = [AveragedAdam, AveragedMuon]
DATA = np.random.default_rng(0).normal(size=(2, 8, 3)).astype("float32")


def dense(optimizer, dtype="float32"):
    model = keras.Sequential([keras.layers.Dense(3, dtype=dtype)])
    model.build((None, 3))
    model.compile(optimizer, "mse", run_eagerly=True)
    return model


def weights(model):
    return [np.array(weight) for weight in model.trainable_variables]


@pytest.mark.parametrize("accumulate", [None, 2])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_average_decays_slowly_and_at_first_fast(optimizer, accumulate):
    model = dense(optimizer(0.1, decay=0.25, gradient_accumulation_steps=accumulate))
    decays = [0, 1 / 10, 2 / 11, 3 / 12, 0.25, 0.25]
    expected = [np.zeros((3, 3)), np.zeros(3)]
    for decay in decays:
        for _ in range(accumulate or 1):
            model.train_on_batch(*DATA)
        pairs = zip(expected, weights(model), strict=True)
        expected = [decay * average + (1 - decay) * weight for average, weight in pairs]
        for average, value in zip(model.optimizer.averages, expected, strict=True):
            np.testing.assert_allclose(average, value, atol=1e-6)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_averaging_changes_no_step(optimizer):
    plain = dense(optimizer.__mro__[2](0.1))
    averaged = dense(optimizer(0.1, decay=0.9))
    averaged.set_weights(plain.get_weights())
    for _ in range(3):
        plain.train_on_batch(*DATA)
        averaged.train_on_batch(*DATA)
    for a, b in zip(weights(plain), weights(averaged), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_saved_model_has_the_averages_too(optimizer, tmp_path):
    model = dense(optimizer(0.1, decay=0.9))
    model.train_on_batch(*DATA)
    model.train_on_batch(*DATA)
    model.save(tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    assert loaded.optimizer.get_config() == model.optimizer.get_config()
    assert loaded.optimizer.decay == 0.9
    for a, b in zip(model.optimizer.variables, loaded.optimizer.variables, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])  # which scales the loss
def test_the_moving_average_takes_the_place_of_the_weights_for_a_while(dtype):
    model = dense(AveragedAdam(0.1, decay=0.9), dtype)
    for _ in range(3):
        model.train_on_batch(*DATA)
    own = weights(model)
    average = [np.array(variable) for variable in WeightAverages(model)._averages()]
    callback = WeightAverages(model)
    callback.on_epoch_begin(0)
    callback.on_test_begin()
    for a, b in zip(weights(model), average, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(own[0], average[0])
    callback.on_epoch_end(0)
    for a, b in zip(weights(model), own, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_last_epochs_are_averaged_as_many_as_there_are():
    model = dense("sgd")
    callback = WeightAverages(model, last=3)
    for epoch, mean in enumerate([0, 0.5, 1, 2, 3]):
        model.set_weights([np.full((3, 3), epoch), np.full(3, epoch)])
        callback.on_epoch_begin(epoch)
        callback.on_test_begin()
        assert all(np.all(weight == np.float32(mean)) for weight in weights(model))
        callback.on_epoch_end(epoch)
        assert all(np.all(weight == epoch) for weight in weights(model))


class Killed(Exception):
    pass


@pytest.mark.long
@pytest.mark.parametrize(
    "options", [{"average_last": 2}, {"optimizer": "muon", "ema": 0.9, "accumulate": 3}], ids=str
)
def test_a_run_that_averages_goes_on_bit_for_bit(options, tmp_path, monkeypatch):
    config = CONFIG.replace(**options)
    model = new_model()  # one for all sessions: tracing it takes longest
    compile_model(model, config, STEPS)
    _build(model, VALIDATION)
    variables = [*model.variables, *model.optimizer.variables]
    initial = [np.array(variable) for variable in variables]

    steps = iter(range(3 * STEPS))

    def die(callback, batch, logs=None):
        if next(steps) == 2 * STEPS + 2:  # two ends of epochs to remember, and some steps
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Throughput, "on_train_batch_begin", die)
        with pytest.raises(Killed):
            run_training(tmp_path / "killed", config.replace(checkpoint_minutes=1e-9), model)
    _, resumed = run_training(tmp_path / "killed", config, model)
    resumed_state = state(model)

    for variable, value in zip(variables, initial, strict=True):
        variable.assign(value)
    _, uninterrupted = run_training(tmp_path / "uninterrupted", config, model)
    for a, b in zip(resumed_state, state(model), strict=True):
        np.testing.assert_array_equal(a, b)
    assert curve(resumed) == curve(uninterrupted)
    best, expected = (load_model(each.best) for each in (resumed, uninterrupted))
    for a, b in zip(best.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)

    # What is kept is what was validated, and not what was in training.
    logs = next(e for e in resumed.epochs if f"{e['step']:07d}" in resumed.best.name)
    own = model.evaluate(VALIDATION.one_pass(), return_dict=True, verbose=0)
    assert own["loss"] != pytest.approx(resumed.epochs[-1]["val_loss"], rel=1e-4)
    model.set_weights(best.get_weights())
    kept = model.evaluate(VALIDATION.one_pass(), return_dict=True, verbose=0)
    assert kept["loss"] == pytest.approx(logs["val_loss"], rel=1e-5)
