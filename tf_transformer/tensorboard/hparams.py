"""The table of hyperparameters in TensorBoard, a row a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import tensorflow as tf

if TYPE_CHECKING:
    from tf_transformer.config import TrainingConfig

# Of validation, the scores first; a translator has them all.
_METRICS = {"bleu": "BLEU", "accuracy": "accuracy", "perplexity": "perplexity", "loss": "loss"}

# What runs differ in most: the table shows the first five until others are chosen.
_FIRST = ("parameters", "learning_rate", "batch_tokens", "num_layers", "d_model")

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


def write_hparams(
    writer: tf.summary.SummaryWriter, name: str, model: keras.Model, config: TrainingConfig
) -> None:
    """Write what a run was configured with, for TensorBoard's table of all runs.

    Beside it the table shows scores and loss, as the same writer last wrote them.

    Args:
        writer: of the run's validation.
        name: of the run.
        model: one with a `config`.
        config: of its training.
    """
    from tensorboard.plugins.hparams import api  # here, as it takes a while

    values = {"parameters": model.count_params(), "model": type(model).__name__}
    values |= model.config.to_dict() | config.to_dict()
    known = values.keys() - _ASIDE
    names = [field for field in dict.fromkeys((*_FIRST, *values)) if field in known]
    metrics = [
        api.Metric(tag, display_name=f"validation {title}") for tag, title in _METRICS.items()
    ]
    with writer.as_default(step=0):
        api.hparams_config([api.HParam(field) for field in names], metrics)
        api.hparams({field: values[field] for field in names}, trial_id=name)
    writer.flush()
