"""A finished run made small: only what its model needs."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from tf_transformer.errors import UserError, require
from tf_transformer.files import replacing, write_json, write_text
from tf_transformer.text import save_tokenizers
from tf_transformer.training.packed_weights import save_packed
from tf_transformer.training.run import Run
from tf_transformer.training.run_card import card_of
from tf_transformer.training.run_config import without_folders

SUMS = "SHA256SUMS"


def pack_run(run: Run, directory: str | os.PathLike) -> Path:
    """Write a small run into a new directory, with only what a finished run's model needs.

        config.json, metrics.json, confidence.json, tokenizer/   those of the run
        weights.npz   the best model's weights, each rounded to bfloat16
        README.md     its card
        SHA256SUMS    of all these files: `sha256sum --check SHA256SUMS`

    It is loaded, exported and evaluated like any run, but its training cannot resume.

    Args:
        run: a finished run.
        directory: must not exist yet.

    Returns:
        The path of the directory.

    Raises:
        UserError: if the run is not finished, or if `directory` exists.
    """
    directory, model = Path(directory), run.model()
    require(not directory.exists(), f"{directory} exists already: choose another directory.")
    card = dataclasses.replace(card_of(run, model, run.confidence()), is_saved_model=False)
    with replacing(directory) as path:
        path.mkdir()
        write_json(path / "config.json", without_folders(_read(run.directory / "config.json")))
        metrics = _read(run.metrics_path)
        write_json(path / run.metrics_path.name, metrics | {"steps": card.steps})
        if run.confidence_path.exists():
            shutil.copyfile(run.confidence_path, path / run.confidence_path.name)
        save_tokenizers(path / "tokenizer", *run.tokenizers())
        save_packed(model, path / Run.PACKED)
        write_text(path / "README.md", str(card))
        write_text(path / SUMS, _sums(path))
    return directory


def check_sums(directory: str | os.PathLike) -> None:
    """Check the files of a directory that `pack_run` wrote.

    Raises:
        UserError: if a file is missing or has changed.
    """
    directory = Path(directory)
    try:
        lines = (directory / SUMS).read_text(encoding="utf-8").splitlines()
        for line in lines:
            expected, name = line.split("  ", 1)
            if _sum(directory / name) != expected:
                raise UserError(f"{directory / name} is damaged: install the package again.")
    except (OSError, ValueError) as error:
        raise UserError(f"{directory} is damaged ({error}): install the package again.") from error


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def _sums(directory: Path) -> str:
    files = sorted(file for file in directory.rglob("*") if file.is_file())
    return "".join(f"{_sum(file)}  {file.relative_to(directory).as_posix()}\n" for file in files)


def _sum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
