"""Training a classifier with `model.fit`."""

import keras

from tf_transformer.training.optimizers import make_optimizer
from tf_transformer.training.train import fit


def train_classifier(
    model,
    config,
    batches,
    validation,
    samples,
    run,
    pictures=None,
    histograms=False,
    profile=False,
):
    """Train a classifier, from where `run` stands: as `fit` does, with a loss per text.

    Args:
        model: a new `TransformerClassifier`.
        config: a `ClassifierTraining`.
        batches: `LabelledBatches` to train on.
        validation: `LabelledBatches` to validate on.
        samples: `ClassifiedSamples`.
        run: a `Run`.
        pictures: as of `fit`.
        histograms: likewise.
        profile: likewise.

    Returns:
        The run's `Checkpoints`.
    """
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
    return fit(model, config, batches, validation, samples, run, pictures, histograms, profile)
