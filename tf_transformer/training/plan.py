"""Training plans that fit the data: what counts are steps, not passes over the data."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection
from typing import TypeVar

from tf_transformer.config import LanguageModelTraining, TrainingConfig

_Config = TypeVar("_Config", bound=TrainingConfig)

_VALIDATIONS = 10  # at least this many epochs, because each is validated
_MOST_PASSES = 300  # over a corpus, if these are more than
_LEAST_STEPS = 600
_WARMUP = 6  # it takes at most a sixth of all steps


@dataclasses.dataclass(frozen=True)
class Usual:
    """The usual training of a plan, on the data that the plan was made for.

    Args:
        steps: number of steps in all.
        batch_tokens: most tokens in a step.
        longer: number of steps in all if there is much less data. Defaults to `steps`.
    """

    steps: int
    batch_tokens: int = 2048
    longer: int = 0


USUAL = {
    "tiny": Usual(1164),  # the phrasebook: 3 epochs of 388 steps
    "tutorial": Usual(14_480),  # TED talks, Portuguese to English: 20 epochs of 724 steps
    "modern": Usual(7240),  # the same talks: 10 epochs
    "base": Usual(100_000, 25_000),  # as in the paper
    "big": Usual(300_000, 25_000),
    "fine_tuning": Usual(300),
    "classifier": Usual(440),  # the phrasebook: 10 epochs of 44 steps
    "recurrent": Usual(249, longer=1164),  # 12,000 pairs of the phrasebook: 3 epochs of 83 steps
}
"""The usual training of each preset, and of each recipe with its own plan."""


def fit_plan(
    config: _Config, chosen: Collection[str], steps_per_pass: int, usual: Usual, d_model: int
) -> _Config:
    """Return the plan of a training, changed to fit a small corpus.

    A corpus is small if the plan's passes over it make less than half of the usual training. It is
    then read more often, for

        steps = min(usual steps, max(300 steps_per_pass, 600))

    in at least 10 epochs, each of several passes, because the model is validated and kept after
    each epoch. The warm-up takes at most a sixth of the steps. Fields that the user has set stay.
    On a corpus that is not small, the whole plan stays.

    If the user has set `steps_per_epoch`, but not `epochs`, the training is as long as it would be
    without, in as many such epochs as it takes.

    Args:
        config: the plan.
        chosen: names of the fields that the user has set.
        steps_per_pass: batches in a pass over the corpus.
        usual: the usual training with this plan.
        d_model: width of the model.
    """
    if config.steps_per_epoch and "epochs" not in chosen:
        whole = config.replace(steps_per_epoch=0)
        whole = fit_plan(whole, chosen, steps_per_pass, usual, d_model)
        epochs = math.ceil(_steps(whole, steps_per_pass) / config.steps_per_epoch)
        return whole.replace(epochs=epochs, passes=1, steps_per_epoch=config.steps_per_epoch)
    steps = _steps(config, steps_per_pass)
    if 2 * steps * config.batch_tokens >= usual.steps * usual.batch_tokens:
        return config
    if not {"epochs", "passes"} & {*chosen}:
        config = _longer(config, steps_per_pass, usual)
        steps = _steps(config, steps_per_pass)
    if "warmup_steps" not in chosen:
        config = _with_warmup(config, max(1, steps // config.accumulate // _WARMUP), d_model)
    return config


def fit_text_plan(
    config: LanguageModelTraining, chosen: Collection[str], train_tokens: int, held_out_tokens: int
) -> LanguageModelTraining:
    """Return the plan of a language model's training, changed to fit a small text.

    Its epochs are counted in steps. Blocks become short enough for two to fit into the held-out
    text, batches become small enough for one to fit into the rest, and the steps are limited to

        max(300 * train_tokens / batch_tokens, 600)

    Fields that the user has set stay. On a text that is not small, the whole plan stays.

    Args:
        config: the plan.
        chosen: names of the fields that the user has set.
        train_tokens: tokens of the text to train on.
        held_out_tokens: tokens of the text to validate on.
    """
    if not {"max_length", "batch_tokens"} & {*chosen}:
        length = min(config.max_length, max(2, (min(train_tokens, held_out_tokens) - 1) // 2))
        whole = max(length, (train_tokens - length) // length * length)
        config = config.replace(max_length=length, batch_tokens=min(config.batch_tokens, whole))
    steps_per_pass = max(1, train_tokens // config.batch_tokens)
    most = max(_MOST_PASSES * steps_per_pass, _LEAST_STEPS)
    steps = config.epochs * config.steps_per_epoch
    if steps > most and not {"epochs", "steps_per_epoch"} & {*chosen}:
        config = config.replace(steps_per_epoch=math.ceil(most / config.epochs))
        if "warmup_steps" not in chosen:
            config = config.replace(warmup_steps=min(config.warmup_steps, most // _WARMUP))
    return config


def fit_vocabulary(config: _Config, chosen: Collection[str], *sizes: int) -> _Config:
    """Return the plan with the real size of the vocabularies, if the text has too few tokens.

    If the user has set a larger size, a line says so.

    Args:
        config: the plan.
        chosen: names of the fields that the user has set.
        *sizes: sizes of the vocabularies.
    """
    size = max(sizes)
    if "vocab_size" not in chosen or size >= config.vocab_size:
        return config
    print(f"vocab_size={config.vocab_size:,} is more than the text has: it is now {size:,}.")
    return config.replace(vocab_size=size)


def _steps(config: TrainingConfig, steps_per_pass: int) -> int:
    """Return the number of steps in all epochs."""
    return config.epochs * (config.steps_per_epoch or config.passes * steps_per_pass)


def _longer(config: _Config, steps_per_pass: int, usual: Usual) -> _Config:
    """Return the plan with the usual number of steps, in epochs of several passes."""
    steps = min(usual.longer or usual.steps, max(_MOST_PASSES * steps_per_pass, _LEAST_STEPS))
    validations = max(config.epochs, _VALIDATIONS)
    passes = max(1, round(steps / steps_per_pass / validations))
    epochs = math.ceil(steps / steps_per_pass / passes)
    return config.replace(epochs=max(epochs, config.epochs), passes=passes)


def _with_warmup(config: _Config, most: int, d_model: int) -> _Config:
    """Return the plan with a warm-up of at most this many steps, to the same peak rate."""
    if config.warmup_steps <= most:
        return config
    peak = config.learning_rate or (d_model * config.warmup_steps) ** -0.5
    return config.replace(warmup_steps=most, learning_rate=peak)
