"""Training any model with `model.fit`, from the current state of its run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf

from tf_transformer.backend import process_index
from tf_transformer.plots import save_learning_curve
from tf_transformer.tensorboard.attention_images import AttentionImages
from tf_transformer.tensorboard.log import TensorBoardLog
from tf_transformer.tensorboard.profiler import Profiler
from tf_transformer.tensorboard.samples import Samples
from tf_transformer.training.checkpoints import Checkpoints
from tf_transformer.training.clean_stop import CleanStop
from tf_transformer.training.compile_ahead import compiled_ahead
from tf_transformer.training.compile_cache import keep_compiled
from tf_transformer.training.compile_model import compile_model
from tf_transformer.training.divergence import DivergenceGuard
from tf_transformer.training.epochs import Epochs
from tf_transformer.training.estimate import estimates
from tf_transformer.training.throughput import Throughput
from tf_transformer.training.time_left import TimeLeft
from tf_transformer.training.together import require_same_step
from tf_transformer.training.weight_averages import WeightAverages

if TYPE_CHECKING:
    from tf_transformer.config import TrainingConfig
    from tf_transformer.data import BlockBatches, BucketedBatches, LabelledBatches
    from tf_transformer.training.run import Run

    Batches = BucketedBatches | BlockBatches | LabelledBatches


def fit(
    model: keras.Model,
    config: TrainingConfig,
    batches: Batches,
    validation: Batches,
    *,
    run: Run,
    samples: Samples | None = None,
    images: AttentionImages | None = None,
    histograms: bool = False,
    profile: bool = False,
) -> Checkpoints:
    """Train any model with `model.fit`, from the current state of `run`.

    After each epoch, the model is validated, and the best one is kept in `run.checkpoint_dir`, at
    the next checkpoint if epochs are short (`config.checkpoint_share`). If `config` asks for weight
    averages, these are validated and kept instead. Training ends after
    `config.epochs`, `config.max_minutes`, or `config.patience` epochs without a better model. In
    the end, the curves of loss and score are drawn in `run.curve_path`.

    If `run` has a checkpoint, training resumes from it. On the same machine, with the same
    versions, it arrives at the same weights, bit for bit, as if it had never stopped. On a GPU,
    this needs `tf.config.experimental.enable_op_determinism()`.

    Args:
        model: a new model. It is compiled as a model of tokens, unless it has been compiled.
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
        UserError: if all checkpoints of `run` are damaged or belong to other batches. Also if the
            loss is NaN or infinite (a `DivergedError`): the run can then resume from the last
            checkpoint with a lower learning rate.

    Example:
        ```python
        import tempfile
        import tf_transformer as tft
        from tf_transformer.config import CausalLMConfig, LanguageModelTraining
        from tf_transformer.data import BlockBatches, tokenize_documents
        from tf_transformer.text import Characters
        from tf_transformer.training import Run, fit

        text = "the cat sat on the mat. " * 20
        tokenizer = Characters.train([text], vocab_size=50)
        shape = {"num_layers": 1, "d_model": 16, "num_heads": 2, "d_ff": 32, "max_length": 12}
        model = tft.CausalLM(CausalLMConfig(vocab_size=tokenizer.vocab_size, **shape))
        batches = BlockBatches(tokenize_documents([text], tokenizer), 12, 48, 10)
        config = LanguageModelTraining(batch_tokens=48, max_length=12, epochs=1)
        checkpoints = fit(model, config, batches, batches, run=Run(tempfile.mkdtemp()))
        checkpoints.best  # a .keras file
        ```
    """
    is_first = process_index() == 0
    keep_compiled(run.compiled_dir)
    shapes = [getattr(each, "shapes", []) for each in (batches, validation)]
    batches = Epochs.of(batches, config)
    if not model.compiled:
        compile_model(model, config, batches.steps_per_epoch)
    _build(model, validation)
    averages = WeightAverages(model, config.average_last)
    checkpoints = Checkpoints(
        run.checkpoint_dir,
        monitor=samples.monitor if samples else "val_loss",
        patience=config.patience,
        minutes=config.checkpoint_minutes,
        others=averages.variables,
        share=config.checkpoint_share,
        beside=True,
    )
    checkpoints.resume(f"{batches.report()}, seed {batches.seed}")
    require_same_step(checkpoints.step)
    clean_stop = CleanStop(checkpoints, config.max_minutes)
    last_step = config.epochs * batches.steps_per_epoch

    def is_trained() -> bool:
        return checkpoints.step >= last_step or checkpoints.out_of_patience

    if is_trained():
        print("Nothing is left to train: this run is complete.")
    log = TensorBoardLog(
        run.log_dir,
        padding=batches.padding,
        steps_per_epoch=batches.steps_per_epoch,
        inputs=_inputs(validation),
        samples=samples,
        images=images,
        is_last=lambda: is_trained() or clean_stop.over,
        histograms=histograms,
    )
    callbacks = [
        DivergenceGuard(checkpoints, config),  # first, so that nothing keeps what it refuses
        Throughput(batches.target_tokens / batches.steps_per_epoch),
        *([samples] if samples else []),
        checkpoints,
        clean_stop,
        log,
        *([] if estimates() else [TimeLeft(last_step - checkpoints.step, config.max_minutes)]),
        *([Profiler(run.log_dir / "train")] if profile and is_first else []),
        # Last, because the others need the averages at the end of an epoch.
        *([averages] if config.ema or config.average_last else []),
    ]
    log.write_hparams(model, config)
    try:
        with compiled_ahead(model, *([[], []] if is_trained() else shapes)):
            while not is_trained() and not clean_stop.over:
                _fit_epoch(model, config, batches, validation, checkpoints.step, callbacks)
    finally:
        clean_stop.release()
        checkpoints.finish()
    if is_first:
        save_learning_curve(
            run.curve_path, checkpoints.epochs, checkpoints.best_epoch, checkpoints.monitor
        )
        print(f"The learning curve is in {run.curve_path}.")
    return checkpoints


def _fit_epoch(
    model: keras.Model,
    config: TrainingConfig,
    batches: Batches,
    validation: Batches,
    step: int,
    callbacks: list[keras.callbacks.Callback],
) -> None:
    """Train the epoch that contains `step`, or the rest of it."""
    epoch, done = divmod(step, batches.steps_per_epoch)
    display = {
        "epochs": config.epochs,
        "steps": batches.steps_per_epoch - done,
        "verbose": 1 if sys.stdout.isatty() else 2,
    }
    model.fit(
        batches.dataset(step),
        initial_epoch=epoch,
        epochs=epoch + 1,
        steps_per_epoch=batches.steps_per_epoch - done,
        validation_data=validation.one_pass(),
        callbacks=keras.callbacks.CallbackList(
            callbacks, add_history=True, add_progbar=True, model=model, **display
        ),
        shuffle=False,  # the batches are already shuffled
    )


def _build(model: keras.Model, batches: Batches) -> None:
    """Make the variables that Keras makes in the first step, so that a checkpoint can set them."""
    model.optimizer.build(model.trainable_variables)
    first = next(iter(batches.one_pass()))
    row = keras.tree.map_structure(lambda x: keras.ops.convert_to_tensor(x[:1].numpy()), first)
    inputs, targets, weights = keras.utils.unpack_x_y_sample_weight(row)
    spec = model.compute_output_spec(inputs)  # its values are not needed, and JAX compiles each op
    model.compute_metrics(inputs, targets, keras.ops.zeros(spec.shape, spec.dtype), weights)
    model.reset_metrics()


def _inputs(batches: Batches) -> Any:
    """Return the specs of a model's inputs, with any number of rows and any length."""
    inputs, *_ = batches.one_pass().element_spec
    return keras.tree.map_structure(
        lambda spec: tf.TensorSpec([None] * spec.shape.rank, spec.dtype), inputs
    )
