"""Flags that several programs take, and what they say."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from absl import flags

from tf_transformer.errors import UserError

FLAGS = flags.FLAGS


def define_data_dir() -> None:
    """Define the flag of where data sets are kept."""
    flags.DEFINE_string("data_dir", None, "where TFDS keeps its sets; default: TFDS's own folder")


def define_bleu_tokenize() -> None:
    """Define the flag of how BLEU splits words."""
    ways = ["13a", "intl", "zh", "ja-mecab", "ko-mecab", "char", "none"]
    flags.DEFINE_enum(
        "bleu_tokenize", None, ways, "how BLEU splits words; default: as the target language needs"
    )


def define_training_flags() -> None:
    """Define the flags of every training."""
    define_data_dir()
    flags.DEFINE_float("max_minutes", None, "stop training cleanly after this many minutes")
    flags.DEFINE_multi_string("set", [], "NAME=VALUE: set any other field of the configuration")
    flags.DEFINE_bool("histograms", False, "show histograms of the weights in TensorBoard, too")
    flags.DEFINE_bool("profile", False, "record a few steps for TensorBoard's profiler")


def overrides(*names: str) -> dict[str, Any]:
    """Return the configuration fields that the command line sets.

    Args:
        *names: flags that are fields, beside those of `--set`.

    Raises:
        UserError: if a `--set` is not of the form NAME=VALUE, or sets what a flag sets, too.
    """
    fields = {name: FLAGS[name].value for name in names if FLAGS[name].value is not None}
    others = settings(FLAGS.set)
    for name in fields.keys() & others.keys():
        raise UserError(f"--{name} and --set={name}=… say the same field: leave one out.")
    return fields | others


def settings(texts: Iterable[str]) -> dict[str, Any]:
    """Return what `--set` flags say: values by their names.

    Args:
        texts: what the flags hold, each `NAME=VALUE`. A value that is JSON counts as such: `2`,
            `0.1`, `true`. Any other is a string.

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
        UserError: if the second is a file.
    """
    run = Path(FLAGS.run_dir or run_dir)
    export = Path(FLAGS.export_dir or export_dir.replace("RUN", run.name))
    if export.is_file():
        raise UserError(f"export_dir={export} is a file: choose another export_dir.")
    return run, export
