"""The model or run that a program takes: as named, or else the newest."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import tensorflow as tf

import tf_transformer as tft
from tf_transformer.cli.programs import called

MODELS, RUNS = "saved_models", "runs"

_SIGNATURES = {"translator": b"translate_beam", "completer": b"complete", "classifier": b"classify"}


def load_model(directory: str | None, kind: str = "translator") -> tf.Module:
    """Load a SavedModel.

    Args:
        directory: of it. `None` for the newest in `saved_models`, which is named on standard error.
        kind: what it must be: `"translator"`, `"completer"` or `"classifier"`. Defaults to
            `"translator"`.

    Raises:
        UserError: if there is none; it lists those that there are.
    """
    files = sorted(Path(MODELS).glob("*/*/saved_model.pb"), key=os.path.getmtime)
    found = {str(x.parent.parent): x for x in files if _SIGNATURES[kind] in x.read_bytes()}
    directory = directory or _newest(found, kind, MODELS, "model_dir")
    _require(directory, found, f"model_dir={directory} is no directory")
    return tft.load_saved_model(directory, kind=kind)


def open_run(directory: str | None) -> tft.Run:
    """Open a run to export it.

    Args:
        directory: of it. `None` for the newest in `runs` that is finished, which is named on
            standard error.

    Raises:
        UserError: if there is none; it lists those that there are.
    """
    files = Path(RUNS).rglob("metrics.json")
    found = {str(x.parent): x for x in files if (x.parent / "config.json").is_file()}
    directory = directory or _newest(found, "finished run", RUNS, "run_dir")
    _require(directory, found, f"run_dir={directory} holds no run to export")
    return tft.Run.open(directory, "export")


def _newest(found: dict[str, Path], what: str, place: str, flag: str) -> str:
    if not found:
        raise tft.UserError(
            f"there is no {what} in {place}: make one with {called('train')}, or set --{flag}."
        )
    newest = max(found, key=lambda name: os.path.getmtime(found[name]))
    print(f"The newest {what}: --{flag}={newest}", file=sys.stderr)
    return newest


def _require(directory: str, found: dict[str, Path], mistake: str) -> None:
    if found and not Path(directory).exists():
        raise tft.UserError(f"{mistake}; there are: {', '.join(sorted(found))}.")
