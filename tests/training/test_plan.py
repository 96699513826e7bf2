"""The plan of a training fits its data, and stays what it is on the data that it was made for."""

import numpy as np
import pytest

from tests.training.conftest import as_new
from tests.training.tiny_run import BATCHES, CONFIG, STEPS, VALIDATION
from tf_transformer.config import (
    PRESETS,
    ClassifierTraining,
    LanguageModelTraining,
    TranslatorTraining,
    preset,
)
from tf_transformer.schedules import Cosine
from tf_transformer.training import (
    USUAL,
    Run,
    fit,
    fit_plan,
    fit_text_plan,
    fit_vocabulary,
    training_plan,
)
from tf_transformer.training.compile_model import make_optimizer

_, TINY = preset("tiny")
_, TUTORIAL = preset("tutorial")


def planned(config, steps_per_pass, *chosen, usual="tiny", d_model=128):
    return fit_plan(config, chosen, steps_per_pass, USUAL[usual], d_model)


@pytest.mark.parametrize(
    ("config", "steps", "usual"),
    [
        (TINY, 388, "tiny"),  # the phrasebook
        (TINY, 724, "tiny"),  # TED talks
        (TUTORIAL, 724, "tutorial"),
        (ClassifierTraining(), 44, "classifier"),  # the phrasebook
        (TINY, 83, "recurrent"),
        (TINY.replace(batch_tokens=8192), 97, "tiny"),  # as much text, in larger batches
    ],
)
def test_a_plan_stays_what_it_is_on_the_data_that_it_was_made_for(config, steps, usual):
    assert planned(config, steps, usual=usual) == config


@pytest.mark.parametrize("steps", [1, 2, 3, 7, 25, 60])
@pytest.mark.parametrize(
    ("config", "usual"),
    [(TINY, "tiny"), (TUTORIAL, "tutorial"), (ClassifierTraining(), "classifier")]
    + [(TINY, "recurrent")],
)
def test_a_small_corpus_is_read_until_the_steps_are_enough(config, usual, steps):
    plan = planned(config, steps, usual=usual)
    if plan == config:
        assert 2 * config.epochs * steps >= USUAL[usual].steps
        return
    total = plan.epochs * plan.passes * steps
    most = USUAL[usual].longer or USUAL[usual].steps
    wanted = min(most, max(300 * steps, 600))
    assert 0.9 * wanted <= total <= 1.2 * wanted
    assert plan.epochs >= max(config.epochs, 7)  # validated as often at least
    assert plan.epochs <= 2 * max(config.epochs, 10)  # and not after every few steps
    assert plan.warmup_steps == min(config.warmup_steps, total // 6)


def test_what_the_user_has_set_stays():
    assert planned(TINY.replace(epochs=2), 3, "epochs", "warmup_steps").epochs == 2
    plan = planned(TINY.replace(epochs=2), 3, "epochs")
    assert (plan.epochs, plan.passes, plan.warmup_steps) == (2, 1, 1)
    plan = planned(TINY, 3, "warmup_steps")
    assert (plan.warmup_steps, plan.learning_rate) == (TINY.warmup_steps, TINY.learning_rate)
    assert plan.epochs * plan.passes * 3 > 800
    untouched = {"epochs", "passes", "warmup_steps"}
    before, after = TINY.to_dict(), planned(TINY, 3).to_dict()
    assert {name for name in before if before[name] != after[name]} == untouched


@pytest.mark.parametrize("steps", [3, 60, 388, 724])
def test_epochs_in_steps_make_a_training_as_long_as_without(steps):
    part = TINY.replace(steps_per_epoch=50)
    plan, whole = planned(part, steps, "steps_per_epoch"), planned(TINY, steps)
    assert (plan.steps_per_epoch, plan.passes) == (50, 1)
    total = whole.epochs * whole.passes * steps
    assert total <= 50 * plan.epochs < total + 50
    assert (plan.warmup_steps, plan.learning_rate) == (whole.warmup_steps, whole.learning_rate)


def test_epochs_in_steps_are_as_many_as_the_user_has_set():
    part = TINY.replace(steps_per_epoch=50, epochs=4)
    plan = planned(part, 10_000, "steps_per_epoch", "epochs")
    assert (plan.epochs, plan.steps_per_epoch) == (4, 50)
    assert plan.warmup_steps == 4 * 50 // 6  # of the steps that there are


def test_a_vocabulary_that_the_text_cannot_fill_is_said_and_kept_in_the_plan(capsys):
    wide = TINY.replace(vocab_size=100_000)
    assert fit_vocabulary(wide, {"vocab_size"}, 8000, 9179).vocab_size == 9179
    assert capsys.readouterr().out == (
        "vocab_size=100,000 is more than the text has: it is now 9,179.\n"
    )
    assert fit_vocabulary(wide, {"vocab_size"}, 100_000) == wide
    assert fit_vocabulary(TINY, (), 90) == TINY
    assert capsys.readouterr().out == ""


def test_a_shorter_warm_up_goes_to_the_same_peak_of_the_rate():
    plan = planned(TUTORIAL.replace(epochs=4), 3, "epochs", usual="tutorial")
    assert plan.warmup_steps == 2
    assert plan.learning_rate == (128 * TUTORIAL.warmup_steps) ** -0.5


def test_every_preset_has_a_usual_training():
    assert set(PRESETS) <= set(USUAL)


def test_a_text_that_is_not_small_is_read_as_before():
    plan = LanguageModelTraining()
    assert fit_text_plan(plan, (), 500_000, 55_000) == plan
    assert fit_text_plan(plan, (), 10_000, 1_000) == plan


@pytest.mark.parametrize(("train", "held_out"), [(20, 5), (700, 70), (1500, 100), (4000, 400)])
def test_blocks_and_batches_of_a_small_text_fit_into_it(train, held_out):
    plan = fit_text_plan(LanguageModelTraining(), (), train, held_out)
    assert (held_out - plan.max_length) // plan.max_length >= 1
    assert (train - plan.max_length) // plan.batch_tokens >= 1
    assert 600 <= plan.epochs * plan.steps_per_epoch <= 2000
    chosen = {"max_length", "batch_tokens", "steps_per_epoch"}
    assert (
        fit_text_plan(LanguageModelTraining(), chosen, train, held_out) == LanguageModelTraining()
    )


@pytest.mark.long
def test_an_epoch_of_several_passes_is_that_many_passes(compiled, model, tmp_path, capsys):
    config = CONFIG.replace(epochs=2, passes=3)
    print(training_plan(model, config, BATCHES))
    checkpoints = fit(model, config, BATCHES, VALIDATION, run=Run(tmp_path))
    assert [logs["step"] for logs in checkpoints.epochs] == [3 * STEPS, 6 * STEPS]
    said = capsys.readouterr().out
    assert (
        f"up to 2 epochs of {3 * STEPS} steps (3 passes over the data, {STEPS} steps each)" in said
    )

    weights = model.get_weights()
    passes = as_new(*compiled)
    alone = fit(passes, CONFIG.replace(epochs=6), BATCHES, VALIDATION, run=Run(tmp_path / "alone"))
    for ours, theirs in zip(weights, passes.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert alone.epochs[-1]["val_loss"] == checkpoints.epochs[-1]["val_loss"]


def test_the_rate_falls_to_zero_with_the_last_pass():
    config = TranslatorTraining(schedule="cosine", epochs=4, passes=5, warmup_steps=3)
    schedule = make_optimizer(config, 16, 5 * STEPS).get_config()["learning_rate"]
    assert Cosine.from_config(schedule["config"]).total_steps == 4 * 5 * STEPS
