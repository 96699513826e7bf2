"""Training a translation model with `model.fit`."""

import sys

import keras
import tensorflow as tf

from tf_transformer.tensorboard.attention_pictures import pictures_of_pairs
from tf_transformer.tensorboard.hparams import write_hparams
from tf_transformer.tensorboard.log import TensorBoardLog
from tf_transformer.tensorboard.profiler import Profiler
from tf_transformer.tensorboard.translation_quality import TranslationQuality
from tf_transformer.training.checkpoints import Checkpoints
from tf_transformer.training.clean_stop import CleanStop
from tf_transformer.training.loss import SmoothedCrossEntropy
from tf_transformer.training.metrics import Perplexity, TokenAccuracy, TokenLoss
from tf_transformer.training.optimizers import make_optimizer
from tf_transformer.training.throughput import Throughput
from tf_transformer.training.weight_averages import WeightAverages


def compile_model(model, config, steps_per_epoch):
    """Compile a model with its optimizer, the smoothed loss and metrics per token.

    Args:
        model: a `Transformer`.
        config: a `TrainingConfig`.
        steps_per_epoch: batches in an epoch.

    Reference:
        *Attention Is All You Need*, section 5.
    """
    model.compile(
        optimizer=make_optimizer(config, model.config.d_model, steps_per_epoch),
        loss=SmoothedCrossEntropy(config.label_smoothing),
        metrics=[TokenLoss(config.label_smoothing), Perplexity(), TokenAccuracy()],
        jit_compile=config.xla or "auto",
    )


def train(
    model,
    config,
    batches,
    validation,
    translator,
    sample,
    run,
    bleu_tokenize="13a",
    histograms=False,
    profile=False,
):
    """Train a translation model with `model.fit`, from where `run` stands.

    After each epoch the model is validated, a sample is translated and scored, and the best model
    is kept in `run.checkpoint_dir`: with averages of its weights, if `config` asks for them.
    Training ends after `config.epochs`, `config.max_minutes`, or `config.patience` epochs without
    a better score. Without a translator, which wants Keras's TensorFlow backend, the score is the
    validation loss.

    If `run` has a checkpoint, training goes on from there, to the same weights, bit for bit, as if
    it had never stopped: on the same machine, with the same versions, and if steps that are equal
    give equal sums. TensorFlow's do on CPU; on GPU it promises that only after
    `tf.config.experimental.enable_op_determinism()`.

    Args:
        model: a new `Transformer`.
        config: a `TrainingConfig`.
        batches: `BucketedBatches` to train on.
        validation: `BucketedBatches` to validate on.
        translator: a `Translator` of the model, or `None`.
        sample: `Pairs` to translate after each epoch.
        run: a `Run`.
        bleu_tokenize: how sacreBLEU splits the words of the sample. Defaults to `"13a"`.
        histograms: whether TensorBoard shall have histograms of the weights. Defaults to `False`.
        profile: whether it shall have a profile of a few steps. Defaults to `False`.

    Returns:
        The run's `Checkpoints`.

    Raises:
        KeyboardInterrupt: after Ctrl-C; a checkpoint is saved before.
        UserError: if all checkpoints of `run` are damaged, or are of other batches.
    """
    quality = pictures = None
    if translator:
        quality = TranslationQuality(translator, sample, bleu_tokenize)
        pictures = pictures_of_pairs(translator, sample)
    return fit(model, config, batches, validation, quality, run, pictures, histograms, profile)


def fit(
    model,
    config,
    batches,
    validation,
    quality,
    run,
    pictures=None,
    histograms=False,
    profile=False,
):
    """Train any model with `model.fit`, from where `run` stands: as `train` does.

    Args:
        model: a new model. It is compiled as a model of tokens, unless it has been compiled.
        config: a `TrainingConfig`.
        batches: `BucketedBatches`, or others with their methods and properties, to train on.
        validation: the same, to validate on.
        quality: a callback that looks at the model after each epoch. It says which of the epoch's
            logs is to be best (`monitor`: see `Checkpoints`), and has something to read for
            TensorBoard (`title`, and `table()`). `None` for no such: the least loss is best.
        run: a `Run`.
        pictures: `AttentionPictures` for TensorBoard. Defaults to none.
        histograms: as of `train`.
        profile: likewise.

    Returns:
        The run's `Checkpoints`.

    Raises:
        KeyboardInterrupt: after Ctrl-C; a checkpoint is saved before.
        UserError: if all checkpoints of `run` are damaged, or are of other batches.
    """
    if not model.compiled:
        compile_model(model, config, batches.steps_per_epoch)
    _build(model, validation)
    averages = WeightAverages(model, config.average_last)
    checkpoints = Checkpoints(
        run.checkpoint_dir,
        monitor=quality.monitor if quality else "val_loss",
        patience=config.patience,
        minutes=config.checkpoint_minutes,
        others=averages.variables,
    )
    checkpoints.resume(f"{batches.report()}, seed {batches.seed}")
    clean_stop = CleanStop(checkpoints, config.max_minutes)
    steps_per_epoch = batches.steps_per_epoch
    callbacks = [
        Throughput(batches.target_tokens / steps_per_epoch),
        *([quality] if quality else []),
        checkpoints,
        clean_stop,
        TensorBoardLog(
            run.log_dir,
            batches.padding,
            quality,
            steps_per_epoch,
            _inputs(validation),
            pictures,
            histograms,
        ),
    ]
    if profile:
        callbacks.append(Profiler(run.log_dir))
    write_hparams(run.log_dir, model, config)
    if config.ema or config.average_last:
        callbacks.append(averages)  # last: at an epoch's end the others want the averages
    last_step = config.epochs * steps_per_epoch
    try:
        while checkpoints.step < last_step and not checkpoints.out_of_patience:
            epoch, done = divmod(checkpoints.step, steps_per_epoch)
            display = {
                "epochs": config.epochs,
                "steps": steps_per_epoch - done,
                "verbose": 1 if sys.stdout.isatty() else 2,
            }
            model.fit(  # an epoch, or what is left of it where a run was cut
                batches.dataset(checkpoints.step),
                initial_epoch=epoch,
                epochs=epoch + 1,
                steps_per_epoch=steps_per_epoch - done,
                validation_data=validation.one_pass(),
                callbacks=keras.callbacks.CallbackList(
                    callbacks, add_history=True, add_progbar=True, model=model, **display
                ),
                shuffle=False,  # the batches are
            )
            if clean_stop.late:
                break
    finally:
        clean_stop.release()
    return checkpoints


def _build(model, batches):
    """Make the variables that Keras makes in the first step, so that a checkpoint can set them."""
    model.optimizer.build(model.trainable_variables)
    first = next(iter(batches.one_pass()))
    row = keras.tree.map_structure(lambda x: keras.ops.convert_to_tensor(x[:1].numpy()), first)
    inputs, targets, weights = keras.utils.unpack_x_y_sample_weight(row)
    model.compute_metrics(inputs, targets, model(inputs), weights)
    model.reset_metrics()


def _inputs(batches):
    """Return what a model is given, as specs of any number of rows and lengths."""
    inputs, *_ = batches.one_pass().element_spec
    return keras.tree.map_structure(
        lambda spec: tf.TensorSpec([None] * spec.shape.rank, spec.dtype), inputs
    )
