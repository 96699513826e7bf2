"""The model or run that a program uses: the named one, the newest, or one from this package."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import tensorflow as tf

import tf_transformer as tft
from tf_transformer import api, begin
from tf_transformer.cli.programs import called
from tf_transformer.pretrained import pretrained_names
from tf_transformer.training import finished_runs

MODELS, RUNS = "saved_models", "runs"

_VERBS = {"translator": "train", "completer": "complete", "classifier": "classify"}
_SIGNATURES = {"translator": b"translate_beam", "completer": b"complete", "classifier": b"classify"}


def load_model(directory: str | None, kind: str = "translator") -> tf.Module:
    """Load a SavedModel, or a translator that comes with this package.

    Args:
        directory: its directory, or the name of such a translator. `None` means the newest one in
            `saved_models` or, if there is none, the first such translator; a line on standard error
            names it.
        kind: the kind that is expected: `"translator"`, `"completer"` or `"classifier"`. Defaults
            to `"translator"`.

    Raises:
        UserError: if there is none; the message lists those that exist.
    """
    files = sorted(Path(MODELS).glob("*/*/saved_model.pb"), key=os.path.getmtime)
    found = {str(x.parent.parent): x for x in files if _SIGNATURES[kind] in x.read_bytes()}
    in_the_box = pretrained_names() if kind == "translator" else []
    if not directory and not found and in_the_box:
        directory = in_the_box[0]
        print(f"No model in {MODELS} yet: using --model_dir={directory}", file=sys.stderr)
    directory = directory or _newest(found, kind, MODELS, "model_dir", _VERBS[kind])
    if directory in in_the_box and not Path(directory).exists():
        return _served(directory)
    _require(directory, found, f"model_dir={directory} is not a directory")
    return tft.load_saved_model(directory, kind=kind)


def find_model(directory: str | None) -> str:
    """Return the directory of a model of any kind.

    Args:
        directory: its directory, or the name of a translator that comes with this package, which is
            exported into `saved_models` unless it is there. `None` means the newest model in
            `saved_models` or, if there is none, the first such translator; a line on standard error
            names it.

    Raises:
        UserError: if there is none; the message lists those that exist.
    """
    found = {str(x.parent.parent): x for x in Path(MODELS).glob("*/*/saved_model.pb")}
    if not directory and not found and pretrained_names():
        directory = pretrained_names()[0]
    if directory in pretrained_names() and not Path(directory).exists():
        return _exported(directory, found)
    directory = directory or _newest(found, "model", MODELS, "model_dir", "train")
    _require(directory, found, f"model_dir={directory} is not a directory")
    return directory


def open_run(directory: str | None) -> tft.Run:
    """Open a run to export it.

    Args:
        directory: its directory, or the name of a translator that comes with this package. `None`
            means the newest finished one in `runs` or, if there is none, the first such translator;
            a line on standard error names it.

    Raises:
        UserError: if there is none; the message lists those that exist.
    """
    found = {str(path): path / "metrics.json" for path in finished_runs(RUNS)}
    in_the_box = pretrained_names()
    if not directory and not found and in_the_box:
        directory = in_the_box[0]
        print(f"No finished run in {RUNS} yet: using --run_dir={directory}", file=sys.stderr)
    directory = directory or _newest(found, "finished run", RUNS, "run_dir", "train")
    if directory not in in_the_box:
        _require(directory, found, f"run_dir={directory} holds no run to export")
    return begin.open_run(directory, "export")


def _served(name: str) -> tf.Module:
    """Return a translator that comes with this package, as if it had been exported and loaded.

    Its graphs are not optimized, because that would take longer than translating some lines.
    """
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    model, model.signatures = tft.from_pretrained(name).served(control=True)
    return model


def _exported(name: str, found: Mapping[str, Path]) -> str:
    """Return the directory of the export of a translator that comes with this package.

    It has all signatures, that of control too: nobody has to export it again for one of them.
    """
    directory = f"{MODELS}/{name}"
    if directory not in found:
        print(f"Exporting {name} as --model_dir={directory}, this time only.", file=sys.stderr)
        run = begin.open_run(name)
        task, search = api.task_of(run), run.metrics().search or {}
        tft.export_saved_model(task, directory, task.card, control=True, **search)
    return directory


def _newest(found: dict[str, Path], what: str, place: str, flag: str, verb: str) -> str:
    if not found:
        raise tft.UserError(
            f"there is no {what} in {place}: make one with {called(verb)}, or set --{flag}."
        )
    newest = max(found, key=lambda name: os.path.getmtime(found[name]))
    print(f"The newest {what}: --{flag}={newest}", file=sys.stderr)
    return newest


def _require(directory: str, found: dict[str, Path], mistake: str) -> None:
    if found and not Path(directory).exists():
        raise tft.UserError(f"{mistake}; there are: {', '.join(sorted(found))}.")
