"""Training a translation model with `model.fit`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from tf_transformer.tensorboard.attention_images import AttentionImages
from tf_transformer.tensorboard.samples import Samples
from tf_transformer.training.checkpoints import Checkpoints
from tf_transformer.training.fit import fit

if TYPE_CHECKING:
    from tf_transformer.config import TranslatorTraining
    from tf_transformer.data import Pairs
    from tf_transformer.data.batch_plan import BatchPlan
    from tf_transformer.tasks import Translator
    from tf_transformer.training.run import Run


def train_translator(
    model: keras.Model,
    config: TranslatorTraining,
    batches: BatchPlan,
    validation: BatchPlan,
    *,
    run: Run,
    translator: Translator | None = None,
    sample: Pairs | None = None,
    bleu_tokenize: str = "13a",
    histograms: bool = False,
    profile: bool = False,
) -> Checkpoints:
    """Train a translation model from the current state of `run`; keep the model of the best BLEU.

    After each epoch, a sample is translated and scored. All else is as in `fit`.

    Args:
        model: a new `Transformer` or `RNNTranslator`.
        config: configuration of the training.
        batches: batches to train on.
        validation: batches to validate on.
        run: where everything is kept.
        translator: the model's translator, which needs Keras's TensorFlow backend. Defaults to
            none: the lowest validation loss is best.
        sample: sentences to translate after each epoch, with references; needed if there is a
            translator.
        bleu_tokenize: how sacreBLEU splits the words of the sample. Defaults to `"13a"`.
        histograms: whether TensorBoard gets histograms of the weights. Defaults to `False`.
        profile: whether TensorBoard gets a profile of a few steps. Defaults to `False`.

    Returns:
        The run's `Checkpoints`.

    Raises:
        KeyboardInterrupt: after Ctrl-C, once a checkpoint is saved.
        UserError: if all checkpoints of `run` are damaged or belong to other batches.
    """
    samples = images = None
    if translator:
        samples = Samples.of_translator(translator, sample, bleu_tokenize)
        images = AttentionImages.of_pairs(translator, sample)
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
