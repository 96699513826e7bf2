"""Everything in two calls: train a translator, load a model.

`train` is made of the functions below it, which the command line calls one by one.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import keras

from tf_transformer.config import (
    CorpusFacts,
    ModelConfig,
    Processes,
    RNNConfig,
    TranslatorTraining,
    dataset_parts,
)
from tf_transformer.config import preset as make_preset
from tf_transformer.data import Corpus, load_corpus
from tf_transformer.data.prepared_corpus import PreparedCorpus, with_prepared_fields
from tf_transformer.errors import UserError, require, warn
from tf_transformer.models import model_class
from tf_transformer.pretrained import open_pretrained, pretrained_names
from tf_transformer.tasks import Completer, TextClassifier, Translator, load_task
from tf_transformer.tasks.text_surface import TextSurface
from tf_transformer.text import save_tokenizers
from tf_transformer.text.tokenizer import Tokenizer
from tf_transformer.training import (
    USUAL,
    DivergedError,
    Run,
    Usual,
    card_of,
    fit_plan,
    fit_vocabulary,
    score_run,
    train_translator,
    training_plan,
)
from tf_transformer.training.corpus_batches import (
    steps_of_pass,
    training_batches,
    validation_batches,
    validation_sample,
)
from tf_transformer.training.fine_tuning import facts_after, fine_tuning_configs
from tf_transformer.training.precision import with_precision
from tf_transformer.training.together import current_share, require_jax, together
from tf_transformer.training.vocabulary import learn_vocabulary


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

    with opened(begin, processes, directory, data_dir) as (run, corpus):
        train_run(run, corpus)
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


def open_run(name: str, purpose: str = "start from") -> Run:
    """Open a run by its directory, or by the name of a model that comes with this package.

    Raises:
        UserError: if there is none.
    """
    is_in_the_box = name in pretrained_names() and not Path(name).exists()
    return open_pretrained(name) if is_in_the_box else Run.open(name, purpose)


def run_name(dataset: str, preset: str, init_from: str | None = None) -> str:
    """Return the default directory of a run."""
    names = "+".join(part.name for part in dataset_parts(dataset))
    start = f"from-{Path(init_from).name}" if init_from else preset
    return f"runs/{names.replace('/', '-')}-{start}"


class _Start(NamedTuple):
    """What a new run starts with."""

    model_config: ModelConfig
    config: TranslatorTraining
    corpus: Corpus
    facts: CorpusFacts
    tokenizers: tuple[Tokenizer, Tokenizer]
    usual: Usual
    base: Run | None = None  # the run whose weights it starts from


def start_run(
    directory: Path,
    dataset: str,
    preset: str,
    fields: Mapping[str, Any],
    data_dir: str | None = None,
    split: str | None = None,
    recipe: str | None = None,
    bleu_tokenize: str = "",
    init_from: str | None = None,
    model: ModelConfig | None = None,
) -> tuple[Run, Corpus]:
    """Start a run: learn its vocabulary, fit its plan to the data, and keep its configuration.

    Args:
        directory: directory of the run.
        dataset: as of `train`.
        preset: as of `train`.
        fields: fields of its configurations that differ from the preset.
        data_dir: as of `train`.
        split: split that the corpus must have. Defaults to the one that is scored in the end.
        recipe: name of the file that the fields came from. Defaults to none.
        bleu_tokenize: as of `load_corpus`.
        init_from: as of `train`. Defaults to none.
        model: as of `train`. Defaults to none.
    """
    Run.require_free(directory)
    require(not (init_from and model), "init_from brings its own model: leave model out.")
    fields = with_prepared_fields(dataset, fields, init_from)
    load = functools.partial(
        _load_corpus, dataset, data_dir, split=split, bleu_tokenize=bleu_tokenize
    )
    if init_from:
        start = _from_run(init_from, fields, load)
    else:
        start = _from_preset(preset, model, fields, load)
    source, target = start.tokenizers
    config = fit_vocabulary(start.config, fields, source.vocab_size, target.vocab_size)
    steps = steps_of_pass(start.corpus, start.tokenizers, config)
    config = fit_plan(config, fields, steps, start.usual, start.model_config.d_model)
    config = with_precision(config)
    sizes = {"source_vocab_size": source.vocab_size, "target_vocab_size": target.vocab_size}
    run = Run.create(directory)
    save_tokenizers(run.tokenizer_dir, *start.tokenizers)
    if start.base:
        start.base.model().save_weights(run.initial_path)
    run.save_config(
        dataset,
        start.model_config.replace(**sizes),
        config.replace(text_form=start.corpus.text_form),
        recipe=recipe,
        corpus=start.facts,
        preset=None if start.base else preset,
        init_from=init_from,
    )
    return run, start.corpus


def _from_preset(
    preset: str,
    model: ModelConfig | None,
    fields: Mapping[str, Any],
    load: Callable[[TranslatorTraining], Corpus],
) -> _Start:
    """Start with a new model, and a vocabulary learned from the corpus."""
    model_config, config = make_preset(preset, model, **fields)
    corpus = load(config)
    if isinstance(corpus, PreparedCorpus):
        tokenizers = corpus.tokenizers()
    else:
        tokenizers = learn_vocabulary(corpus, config)
    usual = USUAL["recurrent" if isinstance(model_config, RNNConfig) else preset]
    return _Start(model_config, config, corpus, corpus.facts, tokenizers, usual)


def _from_run(
    init_from: str, fields: Mapping[str, Any], load: Callable[[TranslatorTraining], Corpus]
) -> _Start:
    """Start from the model and the vocabularies of another run."""
    base = open_run(init_from)
    model_config, config = fine_tuning_configs(base, fields)
    corpus = load(config.replace(text_form=fields.get("text_form", base.corpus.text_form)))
    facts = facts_after(base, corpus)
    return _Start(
        model_config, config, corpus, facts, base.tokenizers(), USUAL["fine_tuning"], base
    )


def resume_run(
    directory: Path,
    fields: Mapping[str, Any],
    data_dir: str | None = None,
    split: str | None = None,
    dataset: str | None = None,
    preset: str | None = None,
) -> tuple[Run, Corpus]:
    """Open a run to continue it: see `start_run`."""
    run = Run.open(directory)
    dataset, model_config, config = run.resume_config(fields, dataset, preset)
    require(
        run.task_name == "translator",
        f"run_dir={directory} is a run of a {model_config.title}: this trains a model that "
        "translates.",
    )
    return run, _load_corpus(dataset, data_dir, config, split, run.corpus.tokenize)


@contextlib.contextmanager
def opened(
    begin: Callable[[], tuple[Run, Corpus]],
    processes: Processes | None,
    directory: Path,
    data_dir: str | None = None,
) -> Iterator[tuple[Run, Corpus]]:
    """Open a run and its corpus in all processes that train it together.

    Process 0 begins the run. The others read it when it is there: all see the same directory.

    Args:
        begin: starts or resumes the run.
        processes: the processes that train it, or `None` if this one trains on one device.
        directory: directory of the run.
        data_dir: as of `train`.
    """
    if processes:
        require_jax()
    if not processes or processes.is_first:
        begun = begin()
        with together(processes):
            yield begun
        return
    with together(processes):
        run = Run.open(directory, "join: all processes need the same directory")
        dataset, _, config = run.load_config()
        yield run, _load_corpus(dataset, data_dir, config, None, run.corpus.tokenize)


def _load_corpus(
    dataset: str,
    data_dir: str | None,
    config: TranslatorTraining,
    split: str | None,
    bleu_tokenize: str,
) -> Corpus:
    corpus = load_corpus(
        dataset, data_dir, config.text_form, bleu_tokenize, config.directions, config.max_pairs
    )
    corpus.require_split(split or corpus.evaluation_split)
    return corpus


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
