"""The table of hyperparameters in TensorBoard, a row a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import keras
import tensorflow as tf

if TYPE_CHECKING:
    from tf_transformer.config import TrainingConfig

_METRICS = (("bleu", "BLEU"), ("loss", "loss"), ("perplexity", "perplexity"))  # of validation

# Fields that have no part in what is learned, or follow from others.
_ASIDE = {
    "bleu_sentences",
    "checkpoint_minutes",
    "max_length",
    "max_minutes",
    "patience",
    "source_vocab_size",
    "target_vocab_size",
    "text_form",
}


def write_hparams(directory: Path, model: keras.Model, config: TrainingConfig) -> None:
    """Write what a run was configured with, for TensorBoard's table of all runs.

    Beside it the table shows BLEU, loss and perplexity, as they were last written in
    `validation/`.

    Args:
        directory: of the run's event files, within that of the run.
        model: one with a `config`.
        config: of its training.
    """
    from tensorboard.plugins.hparams import api  # here, as it takes a while

    values = {"model": type(model).__name__} | model.config.to_dict() | config.to_dict()
    values = {name: value for name, value in values.items() if name not in _ASIDE}
    metrics = [
        api.Metric(tag, group="validation", display_name=f"validation {name}")
        for tag, name in _METRICS
    ]
    writer = tf.summary.create_file_writer(str(directory))
    with writer.as_default(step=0):
        api.hparams_config([api.HParam(name) for name in values], metrics)
        api.hparams(values, trial_id="/".join(directory.absolute().parts[-3:-1]))
    writer.close()
