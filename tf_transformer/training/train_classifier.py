"""Training a classifier with `model.fit`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from tf_transformer.tensorboard.attention_images import AttentionImages
from tf_transformer.tensorboard.samples import Samples
from tf_transformer.training.checkpoints import Checkpoints
from tf_transformer.training.compile_model import optimizer_for
from tf_transformer.training.epochs import Epochs
from tf_transformer.training.fit import fit

if TYPE_CHECKING:
    from tf_transformer.config import ClassifierTraining
    from tf_transformer.data import LabelledBatches
    from tf_transformer.training.run import Run


def train_classifier(
    model: keras.Model,
    config: ClassifierTraining,
    batches: LabelledBatches,
    validation: LabelledBatches,
    *,
    run: Run,
    samples: Samples | None = None,
    images: AttentionImages | None = None,
    histograms: bool = False,
    profile: bool = False,
) -> Checkpoints:
    """Train a classifier from the current state of `run`, with a loss per text.

    The loss is the smoothed cross-entropy of a text's class. All else is as in `fit`.

    Args:
        model: a new `TransformerClassifier`.
        config: configuration of the training.
        batches: batches to train on.
        validation: batches to validate on.
        run: where everything is kept.
        samples: answers of the model to score and show after each epoch; they decide which model is
            best. Defaults to none: the lowest validation loss is best.
        images: attention images to show after each epoch. Defaults to none.
        histograms: whether TensorBoard gets histograms of the weights. Defaults to `False`.
        profile: whether TensorBoard gets a profile of a few steps. Defaults to `False`.

    Returns:
        The run's `Checkpoints`.

    Raises:
        KeyboardInterrupt: after Ctrl-C, once a checkpoint is saved.
        UserError: if all checkpoints of `run` are damaged or belong to other batches.
    """
    batches = Epochs.of(batches, config)
    model.compile(
        optimizer=optimizer_for(model, config, batches.steps_per_epoch),
        loss=keras.losses.CategoricalCrossentropy(
            from_logits=True,
            label_smoothing=config.label_smoothing,
            reduction="mean_with_sample_weight",
        ),
        weighted_metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
        jit_compile=config.xla or "auto",
    )
    return fit(
        model,
        config,
        batches,
        validation,
        run=run,
        samples=samples,
        images=images,
        histograms=histograms,
        profile=profile,
    )
