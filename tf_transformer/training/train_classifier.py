"""Training a classifier with `model.fit`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from tf_transformer.tensorboard.attention_images import AttentionImages
from tf_transformer.tensorboard.samples import Samples
from tf_transformer.training.checkpoints import Checkpoints
from tf_transformer.training.compile_model import make_optimizer
from tf_transformer.training.fit import fit
from tf_transformer.training.several_passes import SeveralPasses

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
    """Train a classifier, from where `run` stands, with a loss per text.

    All but the loss, the smoothed cross-entropy of a text's class, is as `fit` does it.

    Args:
        model: a new `TransformerClassifier`.
        config: of the training.
        batches: to train on.
        validation: to validate on.
        run: where everything is kept.
        samples: what to show of the model's answers after each epoch. They say which model is
            best. Defaults to none: the least validation loss is best.
        images: of attention, to show after each epoch. Defaults to none.
        histograms: whether TensorBoard gets histograms of the weights. Defaults to `False`.
        profile: whether TensorBoard gets a profile of a few steps. Defaults to `False`.

    Returns:
        The run's `Checkpoints`.

    Raises:
        KeyboardInterrupt: after Ctrl-C; a checkpoint is saved before.
        UserError: if all checkpoints of `run` are damaged, or are of other batches.
    """
    batches = SeveralPasses.of(batches, config)
    model.compile(
        optimizer=make_optimizer(config, model.config.d_model, batches.steps_per_epoch),
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
