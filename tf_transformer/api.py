"""Everything in two calls: train a translator, load a model.

`train` is made of the functions of `begin` and those below it, which the command line calls one by
one.
"""

from __future__ import annotations

import os
from pathlib import Path

import keras

from tf_transformer.begin import opened, resume_run, run_name, start_run
from tf_transformer.config import ModelConfig, Processes
from tf_transformer.data import Corpus
from tf_transformer.errors import UserError, require, warn
from tf_transformer.models import model_class
from tf_transformer.pretrained import open_pretrained
from tf_transformer.tasks import Completer, TextClassifier, Translator, load_task
from tf_transformer.tasks.text_surface import TextSurface
from tf_transformer.training import (
    DivergedError,
    Run,
    card_of,
    score_run,
    train_translator,
    training_plan,
)
from tf_transformer.training.corpus_batches import (
    training_batches,
    validation_batches,
    validation_sample,
)
from tf_transformer.training.together import current_share


def train(
    dataset: str | None = None,
    *,
    preset: str | None = None,
    model: ModelConfig | None = None,
    run_dir: str | os.PathLike | None = None,
    data_dir: str | None = None,
    init_from: str | os.PathLike | None = None,
    resume: bool = False,
    distribute: bool | Processes = False,
    **fields: object,
) -> Translator:
    """Train a translator, and score it.

    Everything about the training is kept in one directory: vocabularies, checkpoints, logs for
    TensorBoard, and in the end the scores, in `metrics.json`.

    Args:
        dataset: `"phrasebook"`, a translation set of TensorFlow Datasets such as
            `"ted_hrlr_translate/pt_to_en"`, or your own files: `"mine.tsv"` or
            `"train.pt,train.en"`; or several of these, with weights that say how often an epoch
            shows their pairs: `"phrasebook*0.5 + mine.tsv*3"`. Defaults to `"phrasebook"`, which is
            built in; with `resume`, to that of the run.
        preset: one of `PRESETS`: the size of the model and the plan of its training. Defaults to
            `"tiny"`, which trains in minutes on two cores; with `resume`, to that of the run.
        model: a configuration of the model that replaces the preset's, such as
            `RNNConfig(attention="multiplicative")`. Defaults to none.
        run_dir: a new directory for this training. Defaults to `runs/DATASET-PRESET`.
        data_dir: where TensorFlow Datasets keeps its sets. Defaults to its own folder.
        init_from: the name of a model that comes with this package, or the directory of a run.
            Training starts from its model and vocabularies, with a plan of small steps in place of
            a preset. Defaults to none: a new model starts at random.
        resume: whether to continue the training in `run_dir`, as it was configured. Defaults to
            `False`.
        distribute: `True` trains on all devices of this machine, or of all processes that Keras's
            environment variables name: see `config.Processes`. It needs Keras's JAX backend.
            Defaults to `False`.
        **fields: fields of `TransformerConfig` (or that of `model`) and `TranslatorTraining` that
            differ from the preset, such as `epochs=10`. The others fit the data: see
            `training.fit_plan`.

    Returns:
        A `Translator` of the best model. It exports with a card that tells how it was trained. A
        warning comes with a model that is not clearly better than copying the source, the most
        frequent target or its translations of other sentences.

    Raises:
        KeyboardInterrupt: after Ctrl-C; the progress is kept, and `resume` continues from it.
        UserError: for an unknown data set, preset or field, a bad value, a `run_dir` that is in
            use, or a `dataset` or `preset` that is not that of the run to resume.

    Example:
        ```python
        import tf_transformer as tft

        translator = tft.train("phrasebook", preset="tiny", run_dir="runs/pt_en")
        translator("Quem vendeu a casa azul?")
        translator.export("saved_models/pt_en")
        ```
    """
    new = (dataset or "phrasebook", preset or "tiny")
    base = str(init_from) if init_from else None
    directory = Path(run_dir or run_name(*new, base))
    processes = Processes.from_environment() if distribute is True else distribute or None

    def begin() -> tuple[Run, Corpus]:
        if resume:
            require(model is None, "model cannot be changed with resume=True: leave it out.")
            return resume_run(directory, fields, data_dir, dataset=dataset, preset=preset)
        return start_run(directory, *new, fields, data_dir, init_from=base, model=model)

    try:
        with opened(begin, processes, directory, data_dir) as (run, corpus):
            train_run(run, corpus)
    except KeyboardInterrupt:
        if (directory / "config.json").exists():
            print(f"\nStopped. To continue: tft.train(run_dir={str(directory)!r}, resume=True)")
        raise
    if keras.backend.backend() != "tensorflow":
        if not processes or processes.is_first:
            run.save_environment()
        raise UserError(
            f"run_dir={directory} is trained, but only Keras's TensorFlow backend can translate: "
            "call train again with resume=True in a process where KERAS_BACKEND=tensorflow."
        )
    translator = score_run(run, corpus)
    doubt = translator.card.baselines.doubt
    if doubt:
        warn(f"{doubt}: train it longer or on more text. It exports only with export_anyway=True.")
    return translator


def from_pretrained(name: str = "pt_en", jit_compile: bool = False) -> Translator:
    """Load a translator that comes with this package.

    Args:
        name: one of `pretrained.pretrained_names()`. Defaults to `"pt_en"`, Portuguese to English.
        jit_compile: as of `Translator`. Defaults to `False`.

    Returns:
        A `Translator`, which exports like any other. Its `card` tells what it was trained on, how
        it scores and how it may be used.

    Raises:
        UserError: if there is no such model (with the nearest names), or if it is damaged.

    Example:
        ```python
        import tf_transformer as tft

        translator = tft.from_pretrained("pt_en")
        translator("Bom dia, como estás?")
        ```
    """
    return task_of(open_pretrained(name), jit_compile)


def load(directory: str | os.PathLike) -> TextSurface:
    """Load a model for texts: a translator, a completer or a classifier.

    Args:
        directory: directory of an export (the newest version is loaded), of one of its versions, or
            of a training run.

    Returns:
        A model to call with texts: a `str` gives a `str`, a list a list, a tensor a tensor.

    Raises:
        UserError: if there is no such model.

    Example:
        ```python
        import tf_transformer as tft

        translator = tft.load("saved_models/pt_en")
        translator("Quem vendeu a casa azul?")
        translator(["Bom dia.", "Obrigado!"], beam_size=4)
        ```
    """
    if (Path(directory) / "config.json").is_file():
        return task_of(Run.open(directory, "load"))
    return load_task(directory)


def train_run(run: Run, corpus: Corpus, histograms: bool = False, profile: bool = False) -> None:
    """Train the model of a run from its current state, and keep the best model in it.

    Args:
        run: the run of a translator.
        corpus: the corpus to train on.
        histograms: as of `train_translator`.
        profile: as of `train_translator`.
    """
    _, model_config, config = run.load_config()
    keras.utils.set_random_seed(config.seed)
    tokenizers = run.tokenizers()
    batches = training_batches(corpus, tokenizers, config, current_share())
    validation = validation_batches(corpus, tokenizers, config, current_share())
    model = model_class(model_config)(model_config, dtype=config.precision)
    if run.initial_path.exists():
        model.load_weights(run.initial_path)
    print(training_plan(model, config, batches))
    can_translate = keras.backend.backend() == "tensorflow"
    advice = DivergedError.advice("Continue from the last checkpoint with resume=True.")
    with advice, batches.own_errors():
        train_translator(
            model,
            config,
            batches,
            validation,
            run=run,
            translator=Translator(model, *tokenizers) if can_translate else None,
            sample=validation_sample(corpus, config.bleu_sentences),
            bleu_tokenize=corpus.bleu_tokenize,
            histograms=histograms,
            profile=profile,
        )


def task_of(run: Run, jit_compile: bool = False) -> Translator | Completer | TextClassifier:
    """Return the best model of a run as a task, with its card if the run is finished.

    Args:
        run: a run of any kind.
        jit_compile: as of `Translator`. Defaults to `False`.
    """
    model, tokenizers = run.model(), run.tokenizers()
    confidence = None
    if run.task_name == "translator":
        task = Translator(model, *tokenizers, jit_compile=jit_compile, tags=run.corpus.tags)
        confidence = task.confidence = run.confidence()
    elif run.task_name == "completer":
        task = Completer(model, tokenizers[0])
    else:
        task = TextClassifier(model, tokenizers[0], _classes(run))
    if run.metrics_path.exists():
        task.card = card_of(run, model, confidence)
    return task


def _classes(run: Run) -> tuple[str, ...]:
    classes = run.corpus.classes
    require(
        classes,
        f"run_dir={run.directory} does not name its classes, and the texts that it was trained on "
        "are gone.",
    )
    return classes
