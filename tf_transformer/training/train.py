"""Training a translation model with `model.fit`."""

import sys

import keras

from tf_transformer.training.checkpoints import Checkpoints
from tf_transformer.training.clean_stop import CleanStop
from tf_transformer.training.loss import SmoothedCrossEntropy
from tf_transformer.training.metrics import Perplexity, TokenAccuracy, TokenLoss
from tf_transformer.training.schedules import Cosine, Noam
from tf_transformer.training.tensorboard_log import TensorBoardLog
from tf_transformer.training.throughput import Throughput
from tf_transformer.training.translation_quality import TranslationQuality


def compile_model(model, config, steps_per_epoch):
    """Compile a model with the paper's optimizer, the smoothed loss and metrics per token.

    Args:
        model: a `Transformer`.
        config: a `TrainingConfig`.
        steps_per_epoch: batches in an epoch.

    Reference:
        *Attention Is All You Need*, section 5.
    """
    peak = config.learning_rate or (model.config.d_model * config.warmup_steps) ** -0.5
    schedule = (
        Noam(peak, config.warmup_steps)
        if config.schedule == "noam"
        else Cosine(peak, config.warmup_steps, config.epochs * steps_per_epoch)
    )
    optimizer = keras.optimizers.Adam(
        schedule,
        beta_1=0.9,
        beta_2=0.98,
        epsilon=1e-9,
        global_clipnorm=config.clip_norm or None,
    )
    model.compile(
        optimizer=optimizer,
        loss=SmoothedCrossEntropy(config.label_smoothing),
        metrics=[TokenLoss(config.label_smoothing), Perplexity(), TokenAccuracy()],
    )


def train(model, config, batches, validation, translator, sample, run, bleu_tokenize="13a"):
    """Train a model with `model.fit`, from where it stands.

    After each epoch the model is validated, a sample is translated and scored, and the last and
    the best model are kept in `run.checkpoint_dir`. Training ends after `config.epochs`,
    `config.max_minutes`, or `config.patience` epochs without a better score.

    Args:
        model: a `Transformer`, new, or loaded from a checkpoint of `run` to resume.
        config: a `TrainingConfig`.
        batches: `BucketedBatches` to train on.
        validation: `BucketedBatches` to validate on.
        translator: a `Translator` of the model.
        sample: `Pairs` to translate after each epoch.
        run: a `Run`.
        bleu_tokenize: how sacreBLEU splits the words of the sample. Defaults to `"13a"`.

    Returns:
        The run's `Checkpoints`.

    Raises:
        KeyboardInterrupt: after Ctrl-C; the model is saved as the last checkpoint before.
    """
    if not model.compiled:
        compile_model(model, config, batches.steps_per_epoch)
    quality = TranslationQuality(translator, sample, bleu_tokenize)
    checkpoints = Checkpoints(run.checkpoint_dir, patience=config.patience)
    clean_stop = CleanStop(config.max_minutes)
    tokens_per_step = batches.target_tokens / batches.steps_per_epoch
    callbacks = [
        clean_stop,
        Throughput(tokens_per_step),
        quality,
        checkpoints,
        TensorBoardLog(run.log_dir, batches.padding, quality),
    ]
    try:
        for epoch, last_epoch, first_step, steps in _spans(model, config, batches):
            model.fit(
                batches.dataset(first_step),
                initial_epoch=epoch,
                epochs=last_epoch,
                steps_per_epoch=steps,
                validation_data=validation.one_pass(),
                callbacks=callbacks,
                shuffle=False,  # the batches are
                verbose=1 if sys.stdout.isatty() else 2,
            )
            if model.stop_training:
                break
    except KeyboardInterrupt:
        checkpoints.save()
        raise
    finally:
        clean_stop.release()
    return checkpoints


def _spans(model, config, batches):
    """Yield `(epoch, last epoch, first step, steps an epoch)` of the calls of `fit` that remain:
    the rest of an epoch that was interrupted, then whole epochs."""
    steps_per_epoch = batches.steps_per_epoch
    step = int(model.optimizer.iterations)
    epoch, done = divmod(step, steps_per_epoch)
    if done:
        yield epoch, epoch + 1, step, steps_per_epoch - done
        epoch, step = epoch + 1, step - done + steps_per_epoch
    if epoch < config.epochs:
        yield epoch, config.epochs, step, steps_per_epoch
