"""The programs, with their names as a verb of `tft` and as a recipe."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from typing import NamedTuple


class Program(NamedTuple):
    """A program of `tf_transformer.cli`.

    Args:
        module: the module of that package with its `main`.
        recipe: the script in `recipes/` that runs it.
        summary: what it does, for `tft --help`.
        example: arguments to start with.
        positional: whether it takes arguments that are not flags. Defaults to `False`.
    """

    module: str
    recipe: str
    summary: str
    example: str
    positional: bool = False


PROGRAMS = {
    "train": Program(
        "train",
        "05_train_translator.py",
        "train a translator: from parallel text to a SavedModel",
        "--dataset=mine.tsv",
    ),
    "translate": Program(
        "translate",
        "06_translate.py",
        "translate sentences, or lines on standard input",
        "'Quem vendeu a casa azul?'",
        positional=True,
    ),
    "evaluate": Program(
        "evaluate",
        "07_evaluate.py",
        "score translations with BLEU and chrF",
        "--model_dir=saved_models/phrasebook-tiny",
    ),
    "export": Program(
        "export",
        "08_export.py",
        "export the best model of a finished run",
        "--run_dir=runs/phrasebook-tiny",
    ),
    "complete": Program(
        "language_model",
        "09_language_model.py",
        "train a language model, or complete prompts",
        "--dataset=mine.txt --prompt='Once upon'",
    ),
    "classify": Program(
        "classify",
        "10_classify.py",
        "train a classifier, or classify texts",
        "--dataset=mine.tsv",
    ),
    "serve": Program(
        "serve",
        "12_serve.py",
        "serve a model over REST and gRPC, as TensorFlow Serving does",
        "--model_dir=saved_models/phrasebook-tiny",
    ),
    "prepare": Program(
        "prepare",
        "14_prepare.py",
        "prepare a corpus that does not fit in memory",
        "--dataset=huge.pt.gz,huge.en.gz --output_dir=prepared/huge",
    ),
    "page": Program(
        "page",
        "13_page.py",
        "make a page that translates in the browser, without a server",
        "--export=pages/phrasebook-tiny",
    ),
}


def is_console_command() -> bool:
    """Return whether this process was started as `tft VERB`, rather than as a recipe."""
    return sys.argv[0].startswith("tft ")


def called(verb: str) -> str:
    """Return the command that calls a program in the way in which this one was called."""
    return f"tft {verb}" if is_console_command() else f"python recipes/{PROGRAMS[verb].recipe}"


def show_commands(*commands: tuple[str, Sequence[str]]) -> None:
    """Print commands to copy, each a program and its arguments."""
    print(*(f"  {name} {shlex.join(arguments)}" for name, arguments in commands), sep="\n")
