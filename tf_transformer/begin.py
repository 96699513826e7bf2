"""How a run begins, or goes on, in each of the processes that train it."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

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
from tf_transformer.errors import require
from tf_transformer.pretrained import open_pretrained, pretrained_names
from tf_transformer.text import save_tokenizers
from tf_transformer.text.tokenizer import Tokenizer
from tf_transformer.training import USUAL, Run, Usual, fit_plan, fit_vocabulary
from tf_transformer.training.corpus_batches import steps_of_pass
from tf_transformer.training.fine_tuning import facts_after, fine_tuning_configs
from tf_transformer.training.precision import with_precision
from tf_transformer.training.together import require_jax, together
from tf_transformer.training.vocabulary import learn_vocabulary


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
