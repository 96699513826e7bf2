"""`tft train`: from parallel text to a served translation model."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import keras
from absl import flags

import tf_transformer as tft
from tf_transformer import api
from tf_transformer.begin import opened, resume_run, run_name, start_run
from tf_transformer.cli.command_line import run_again
from tf_transformer.cli.programs import called, show_commands
from tf_transformer.cli.training_flags import (
    directories,
    overrides,
    processes,
    read_config,
)
from tf_transformer.config import SEARCH
from tf_transformer.training import Checkpoints, score_run

FLAGS = flags.FLAGS


def main() -> None:
    """Train, score and export a translator."""
    fields = read_config()
    name = f"runs/{Path(FLAGS.config).stem}" if FLAGS.config else None
    run_dir, export_dir = directories(
        name or run_name(FLAGS.dataset, FLAGS.preset, FLAGS.init_from), "saved_models/RUN"
    )
    others = processes() if FLAGS.train else None
    begin = functools.partial(_open_run, run_dir, fields)
    here = [f"--run_dir={run_dir}", f"--export_dir={export_dir}"]
    here += ["--export_anyway"] * FLAGS.export_anyway
    try:
        with opened(begin, others, run_dir, FLAGS.data_dir) as (run, corpus):
            if FLAGS.train:
                api.train_run(run, corpus, FLAGS.histograms, FLAGS.profile)
    except KeyboardInterrupt:
        if others and not others.is_first:
            raise
        print("\nStopped; the progress is kept. To continue:\n")
        show_commands((called("train"), [*here, *_options(), "--resume"]))
        raise
    if others and not others.is_first:
        return  # process 0 goes on
    if keras.backend.backend() != "tensorflow":
        run.save_environment()
        _go_on_with_tensorflow([*here, *_options()])
    translator = score_run(run, corpus, FLAGS.split, _search())
    translator.card.require_learned(FLAGS.export_anyway)
    path = tft.export_saved_model(translator, export_dir, translator.card, **_search())

    minutes = Checkpoints(run.checkpoint_dir).epochs[-1]["minutes"]
    print(f"\nTrained for {minutes:.1f} minutes. The SavedModel is {path}.\nWhat to try next:\n")
    model_dir = f"--model_dir={export_dir}"
    first, pairs = corpus.parts[0].corpus, corpus.parts[0].shown.pairs("validation")
    back = [
        [model_dir, f"--to={language}", pairs.targets[0]] for language in translator.languages[1:]
    ]
    form = [f"--text_form={first.text_form}"] if first.text_form != "plain" else []
    show_commands(
        (called("translate"), [model_dir, pairs.sources[0]]),
        *((called("translate"), arguments) for arguments in back),
        (called("evaluate"), [model_dir, f"--dataset={first.name}", *form, *_options()]),
        ("tensorboard", ["--logdir", str(run_dir.parent)]),
    )


def _open_run(directory: Path, fields: dict[str, Any]) -> tuple[tft.Run, tft.data.Corpus]:
    """Return the run, new or resumed, and its corpus.

    Args:
        directory: directory of the run.
        fields: fields of a new run's configurations, apart from those on the command line.
    """
    changed = overrides("epochs", "max_minutes", "seed", "batch_tokens", "directions")
    if FLAGS.resume:
        asked = {name: FLAGS[name].value for name in ("dataset", "preset") if FLAGS[name].present}
        return resume_run(directory, changed, FLAGS.data_dir, FLAGS.split, **asked)
    return start_run(
        directory,
        FLAGS.dataset,
        FLAGS.preset,
        fields | changed,
        FLAGS.data_dir,
        FLAGS.split,
        FLAGS.config and Path(FLAGS.config).name,
        FLAGS.bleu_tokenize or "",
        FLAGS.init_from,
    )


def _search() -> dict[str, Any]:
    """Return the options of the final search."""
    return {name: FLAGS[name].value for name in SEARCH}


def _options() -> list[str]:
    """Return the flags that scoring the model again needs."""
    names = ("data_dir", "split", "bleu_tokenize")
    changed = {name: FLAGS[name].value or None for name in names} | _search()
    return [f"--{name}={value}" for name, value in changed.items() if value != SEARCH.get(name)]


def _go_on_with_tensorflow(arguments: list[str]) -> None:
    """Replace this process by one with Keras's TensorFlow backend, which scores and exports."""
    print(f"\nTrained with {keras.backend.backend()}. TensorFlow continues:")
    run_again([*arguments, "--resume", "--notrain"], KERAS_BACKEND="tensorflow")
