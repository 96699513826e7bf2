"""`tft train`: from parallel text to a served translation model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
from absl import flags

import tf_transformer as tft
from tf_transformer import api
from tf_transformer.cli.command_line import run_again
from tf_transformer.cli.programs import called, show_commands
from tf_transformer.cli.training_flags import (
    define_bleu_tokenize,
    define_training_flags,
    directories,
    overrides,
)
from tf_transformer.config import TranslatorTraining, read_config_file
from tf_transformer.training import Checkpoints

FLAGS = flags.FLAGS

_FILE_FLAGS = ("dataset", "data_dir", "preset", "run_dir", "export_dir", "split", *api.SEARCH)


def define_flags() -> None:
    """Define the program's flags."""
    flags.DEFINE_string("config", None, "a recipe file; other flags win over what it says")
    flags.DEFINE_string(
        "dataset", "phrasebook", "phrasebook, a TFDS translation set, FILE.tsv, or FILE.pt,FILE.en"
    )
    flags.DEFINE_string("preset", "tiny", "size and training plan: tiny, tutorial, base or big")
    flags.DEFINE_string(
        "run_dir", None, "all about this run; default: runs/CONFIG or DATASET-PRESET"
    )
    flags.DEFINE_string("export_dir", None, "of the SavedModel; default: saved_models/RUN")
    flags.DEFINE_bool("resume", False, "go on with the run in --run_dir, as it was configured")
    flags.DEFINE_bool("train", True, "or else score and export what the run has")
    flags.DEFINE_integer("epochs", None, "passes over the data, at most; default: as fits it")
    flags.DEFINE_integer("seed", None, "of weights, dropout and the order of the pairs")
    flags.DEFINE_integer("batch_tokens", None, "padded tokens of a batch, at most")
    flags.DEFINE_string("split", None, "to score in the end; default: test, else validation")
    define_bleu_tokenize()
    flags.DEFINE_integer("beam_size", api.SEARCH["beam_size"], "of the final search", lower_bound=1)
    flags.DEFINE_float(
        "alpha", api.SEARCH["alpha"], "its length penalty; 0 for none", lower_bound=0
    )
    define_training_flags()


def main() -> None:
    """Train, score and export a translator."""
    fields = _read_config()
    name = f"runs/{Path(FLAGS.config).stem}" if FLAGS.config else None
    run_dir, export_dir = directories(
        name or api.run_name(FLAGS.dataset, FLAGS.preset), "saved_models/RUN"
    )
    run, corpus = _open_run(run_dir, fields)
    here = [f"--run_dir={run_dir}", f"--export_dir={export_dir}"]
    try:
        if FLAGS.train:
            api.train_run(run, corpus, FLAGS.histograms, FLAGS.profile)
    except KeyboardInterrupt:
        print("\nStopped; what is trained is kept. Go on with:\n")
        show_commands((called("train"), [*here, *_options(), "--resume"]))
        raise
    if keras.backend.backend() != "tensorflow":
        run.save_environment()
        _go_on_with_tensorflow([*here, *_options()])
    translator = api.score_run(run, corpus, FLAGS.split, _search())
    path = tft.export_saved_model(translator, export_dir, translator.card, **_search())

    minutes = Checkpoints(run.checkpoint_dir).epochs[-1]["minutes"]
    print(f"\n{translator.card.scores}\n\nTrained for {minutes:.1f} minutes. ", end="")
    print(f"The SavedModel is {path}.\nWhat to try next:\n")
    model_dir, sentence = f"--model_dir={export_dir}", corpus.pairs("validation").sources[0]
    form = [f"--text_form={corpus.text_form}"] if corpus.text_form != "plain" else []
    show_commands(
        (called("translate"), [model_dir, sentence]),
        (called("evaluate"), [model_dir, f"--dataset={corpus.name}", *form, *_options()]),
        ("tensorboard", ["--logdir", str(run_dir.parent)]),
    )


def _read_config() -> dict[str, Any]:
    """Set what --config says of flags, unless the command line does; return its other fields."""
    if FLAGS.config is None:
        return {}
    known = {*tft.TransformerConfig.field_names(), *TranslatorTraining.field_names()}
    fields = read_config_file(FLAGS.config, known.union(_FILE_FLAGS))
    try:
        for name in fields.keys() & set(_FILE_FLAGS):
            FLAGS.set_default(name, fields.pop(name))
        tft.preset(FLAGS.preset, **fields)  # mistakes show with the name of the file
    except (tft.UserError, flags.Error) as error:
        raise tft.UserError(f"config={FLAGS.config}: {error}") from error
    return fields


def _open_run(directory: Path, fields: dict[str, Any]) -> tuple[tft.Run, tft.data.Corpus]:
    """Return the run, new or resumed, and its corpus.

    Args:
        directory: of the run.
        fields: of a new run's configurations, those on the command line aside.
    """
    changed = overrides("epochs", "max_minutes", "seed", "batch_tokens")
    if FLAGS.resume:
        return api.resume_run(directory, changed, FLAGS.data_dir, FLAGS.split)
    return api.start_run(
        directory,
        FLAGS.dataset,
        FLAGS.preset,
        fields | changed,
        FLAGS.data_dir,
        FLAGS.split,
        FLAGS.config and Path(FLAGS.config).name,
        FLAGS.bleu_tokenize or "",
    )


def _search() -> dict[str, Any]:
    """Return how translations are searched for in the end."""
    return {name: FLAGS[name].value for name in api.SEARCH}


def _options() -> list[str]:
    """Return the flags that scoring the model again needs."""
    names = ("data_dir", "split", "bleu_tokenize")
    changed = {name: FLAGS[name].value or None for name in names} | _search()
    return [f"--{name}={value}" for name, value in changed.items() if value != api.SEARCH.get(name)]


def _go_on_with_tensorflow(arguments: list[str]) -> None:
    """Become a process of Keras's TensorFlow backend, which scores and exports."""
    print(f"\nTrained with {keras.backend.backend()}. TensorFlow goes on:")
    run_again([*arguments, "--resume", "--notrain"], KERAS_BACKEND="tensorflow")
