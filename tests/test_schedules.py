"""The learning rate rises and falls as the papers say."""

import keras
import numpy as np
import pytest

from tf_transformer.schedules import Cosine, Noam


def rates(schedule, steps):
    return np.array([float(schedule(step)) for step in steps])


@pytest.mark.parametrize(("d_model", "warmup_steps"), [(512, 4000), (128, 1500), (64, 1)])
def test_noam_is_equation_3_of_the_paper(d_model, warmup_steps):
    steps = np.unique([0, 1, 7, 100, warmup_steps - 1, warmup_steps, 5000, 123_456])
    number = steps + 1.0  # Keras counts steps from 0, the paper from 1
    expected = d_model**-0.5 * np.minimum(number**-0.5, number * warmup_steps**-1.5)
    schedule = Noam((d_model * warmup_steps) ** -0.5, warmup_steps)
    np.testing.assert_allclose(rates(schedule, steps), expected, rtol=1e-5)


def test_noam_peaks_at_the_end_of_the_warm_up():
    found = rates(Noam(0.3, 50), range(200))
    assert found.argmax() == 49
    assert found.max() == pytest.approx(0.3)


def test_cosine_rises_falls_and_stays_at_zero():
    found = rates(Cosine(0.2, 10, 110), range(130))
    np.testing.assert_allclose(found[:10], 0.02 * np.arange(1, 11), rtol=1e-6)
    assert found.argmax() == 9
    assert (np.diff(found[9:110]) < 0).all()
    assert found[59] == pytest.approx(0.1)  # half way down
    np.testing.assert_allclose(found[109:], 0, atol=1e-8)


def test_cosine_with_fewer_steps_than_its_warm_up_is_the_warm_up():
    np.testing.assert_allclose(rates(Cosine(1.0, 10, 5), range(10)), np.arange(1, 11) / 10, 1e-6)


@pytest.mark.parametrize("schedule", [Noam(0.3, 50), Cosine(0.2, 10, 110)])
def test_a_config_makes_the_same_schedule(schedule):
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(schedule))
    np.testing.assert_array_equal(rates(copy, range(0, 120, 7)), rates(schedule, range(0, 120, 7)))


def test_cosine_is_that_of_keras_begun_at_step_1():
    ours = Cosine(0.2, 10, 110)
    assert isinstance(ours, keras.optimizers.schedules.CosineDecay)
    assert ours.get_config() == {"peak": 0.2, "warmup_steps": 10, "total_steps": 110}


@pytest.mark.parametrize("warmup_steps", [1, 10, 100])
@pytest.mark.parametrize("total_steps", [1, 11, 250])
def test_cosine_is_its_formula_to_the_last_digits(warmup_steps, total_steps):
    step = np.arange(1.0, 300.0)
    falling = np.clip((step - warmup_steps) / max(total_steps - warmup_steps, 1), 0, 1)
    expected = 0.3 * np.minimum(step / warmup_steps, (1 + np.cos(np.pi * falling)) / 2)
    found = rates(Cosine(0.3, warmup_steps, total_steps), range(299))
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)
