"""Flags that several programs share, and how they are read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from absl import flags

from tf_transformer.config import (
    SEARCH,
    Processes,
    TransformerConfig,
    TranslatorTraining,
    preset,
    read_config_file,
)
from tf_transformer.errors import UserError

FLAGS = flags.FLAGS

_FILE_FLAGS = (
    *("dataset", "data_dir", "preset", "init_from", "run_dir", "export_dir", "split"),
    *SEARCH,
)


def define_pairs(use: str) -> None:
    """Define the flag that names the parallel text; `use` is what it is for."""
    flags.DEFINE_string(
        "dataset",
        "phrasebook",
        f"Text to {use}: phrasebook, a TFDS translation set, FILE.tsv, or FILE.pt,FILE.en; or "
        "several with weights, such as 'phrasebook*0.5 + FILE.tsv*3'.",
    )


def define_data_dir() -> None:
    """Define the flag that names the folder of data sets."""
    flags.DEFINE_string("data_dir", None, "Where TFDS keeps its sets; default: TFDS's own folder.")


def define_sentences(side: str | None = None) -> None:
    """Define the flags that name sentences in one language: see `load_sentences`.

    Args:
        side: the default side of a parallel text. If `None`, it cannot be chosen.
    """
    define_pairs("learn from")
    define_data_dir()
    flags.DEFINE_string("text_file", None, "Sentences, one per line, instead of a dataset.")
    if side:
        sides = ["source", "target"]
        flags.DEFINE_enum("side", side, sides, "Which side of the dataset is read.")


def define_directions() -> None:
    """Define the flag for the directions in which a model translates."""
    flags.DEFINE_enum(
        "directions",
        None,
        ["one", "both"],
        "Whether it learns to translate back, too; default: one.",
    )


def define_bleu_tokenize() -> None:
    """Define the flag for how BLEU splits words."""
    ways = ["13a", "intl", "zh", "ja-mecab", "ko-mecab", "char", "none"]
    flags.DEFINE_enum(
        "bleu_tokenize", None, ways, "How BLEU splits words; default: as the target needs."
    )


def define_export_anyway() -> None:
    """Define the flag for models that have learned little."""
    flags.DEFINE_bool(
        "export_anyway", False, "Export a model even if it is not clearly better than none."
    )


def define_plan() -> None:
    """Define the flags that change the plan of any training."""
    flags.DEFINE_float("max_minutes", None, "Stop training cleanly after this many minutes.")
    flags.DEFINE_multi_string("set", [], "NAME=VALUE: set any other field of the configuration.")


def define_distribution() -> None:
    """Define the flags for training on several devices and machines."""
    flags.DEFINE_bool("distribute", False, "Train on all devices; needs KERAS_BACKEND=jax.")
    flags.DEFINE_string(
        "coordinator", None, "HOST:PORT of process 0, where several processes train together."
    )
    flags.DEFINE_integer("num_processes", None, "Number of these processes.", lower_bound=1)
    flags.DEFINE_integer("process_id", None, "Number of this process, from 0.", lower_bound=0)


def processes() -> Processes | None:
    """Return the processes that train together, or `None` if this one trains on one device.

    Raises:
        UserError: if the flags and Keras's environment variables do not belong together.
    """
    fields = {name: FLAGS[name].value for name in ("coordinator", "num_processes", "process_id")}
    if not FLAGS.distribute and FLAGS.coordinator is None:
        return None
    return Processes.from_environment(**fields)


def define_seed(unit: str, default: int | None = None) -> None:
    """Define the flag for the seed; `unit` is what it orders."""
    flags.DEFINE_integer("seed", default, f"Seed of weights, dropout and the order of the {unit}.")


def define_extras() -> None:
    """Define the flags of every training that are seldom needed."""
    define_export_anyway()
    flags.DEFINE_bool("histograms", False, "Also show histograms of the weights in TensorBoard.")
    flags.DEFINE_bool("profile", False, "Record a few steps for TensorBoard's profiler.")


def read_config() -> dict[str, Any]:
    """Set the flags that --config names, unless the command line does; return its other fields.

    Raises:
        UserError: for a mistake in the file; the message names the file.
    """
    if FLAGS.config is None:
        return {}
    known = {*TransformerConfig.field_names(), *TranslatorTraining.field_names()}
    fields = read_config_file(FLAGS.config, known.union(_FILE_FLAGS))
    try:
        for name in fields.keys() & set(_FILE_FLAGS):
            FLAGS.set_default(name, fields.pop(name))
        preset(FLAGS.preset, **fields)  # reports mistakes with the name of the file
    except (UserError, flags.Error) as error:
        raise UserError(f"config={FLAGS.config}: {error}") from error
    return fields


def overrides(*names: str) -> dict[str, Any]:
    """Return the configuration fields that the command line sets.

    Args:
        *names: flags that are fields, besides those of `--set`.

    Raises:
        UserError: if a `--set` is not of the form NAME=VALUE, or sets the same field as a flag.
    """
    fields = {name: FLAGS[name].value for name in names if FLAGS[name].value is not None}
    others = settings(FLAGS.set)
    for name in fields.keys() & others.keys():
        raise UserError(f"--{name} and --set={name}=… set the same field: leave one out.")
    return fields | others


def settings(texts: Iterable[str]) -> dict[str, Any]:
    """Return the values of `--set` flags by name.

    Args:
        texts: values of the flags, each `NAME=VALUE`. A value that is valid JSON is read as JSON:
            `2`, `0.1`, `true`. Any other is a string.

    Raises:
        UserError: if one has no `=`.
    """
    fields = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise UserError(f"--set={text}: write --set=NAME=VALUE.")
        try:
            fields[name] = json.loads(value)
        except json.JSONDecodeError:
            fields[name] = value
    return fields


def directories(run_dir: str, export_dir: str) -> tuple[Path, Path]:
    """Return where a run and its SavedModel go.

    Args:
        run_dir: where the run goes, unless the flag of that name says otherwise.
        export_dir: where the SavedModel goes, unless the flag says otherwise. `RUN` in it stands
            for the name of the run.

    Raises:
        UserError: if nothing can be written to the export directory.
    """
    run = Path(FLAGS.run_dir or run_dir)
    export = Path(FLAGS.export_dir or export_dir.replace("RUN", run.name))
    from tf_transformer.export.versions import require_writable  # it imports Keras

    require_writable(export)  # before the work begins
    return run, export
