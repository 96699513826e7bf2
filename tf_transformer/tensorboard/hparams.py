"""The table of hyperparameters in TensorBoard, with one row for each run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import tensorflow as tf

if TYPE_CHECKING:
    from tf_transformer.config import TrainingConfig

# Measures of validation, scores first; a translator has all of them.
_METRICS = {"bleu": "BLEU", "accuracy": "accuracy", "perplexity": "perplexity", "loss": "loss"}

# The fields in which runs differ most: the table shows the first five until others are chosen.
_FIRST = ("parameters", "learning_rate", "batch_tokens", "num_layers", "d_model")

# Fields that do not influence what is learned, or follow from others.
_ASIDE = {
    "bleu_sentences",
    "checkpoint_minutes",
    "checkpoint_share",
    "max_length",
    "max_minutes",
    "max_shapes",
    "patience",
    "source_vocab_size",
    "target_vocab_size",
    "text_form",
}


def write_hparams(
    writer: tf.summary.SummaryWriter, name: str, model: keras.Model, config: TrainingConfig
) -> None:
    """Write the configuration of a run for TensorBoard's table of all runs.

    The table also shows scores and loss, as the same writer last wrote them.

    Args:
        writer: writer of the run's validation.
        name: name of the run.
        model: a model with a `config`.
        config: configuration of its training.
    """
    from tensorboard.plugins.hparams import api  # here, because it takes a while

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
