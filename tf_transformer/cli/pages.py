"""Recipes are pages: the same file is a notebook, and a script with flags."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from tf_transformer.cli.streams import make_output_safe
from tf_transformer.notebook import in_notebook

_TITLE = re.compile(r"^# # (.+)$", flags=re.MULTILINE)
_SETTING = re.compile(r"^(\w+) = .+?  # (.+)$", flags=re.MULTILINE)


def run_as_script(verb: str) -> None:
    """In a script, run a program of the command line, and exit.

    In a notebook this does nothing, and the cells below run.

    Args:
        verb: verb of the program, as in `tft VERB`.
    """
    if not in_notebook():
        from tf_transformer.cli.command_line import run_program

        run_program(verb)


def take_flags(page: dict[str, Any]) -> None:
    """Let a script's command line change the settings of its page.

    A setting is a line `name = value  # what it is` before this call. A reader of the notebook
    edits it; a script takes it as a flag, `--name=value`, and `--help` lists them all. In a
    notebook this does nothing.

    Args:
        page: the page's `globals()`, in which the settings are changed.

    Example:
        ```python
        import tf_transformer as tft

        lines = 20_000  # lines to learn from; try 500
        tft.cli.take_flags(globals())  # python page.py --lines=500
        ```
    """
    if in_notebook() or "__file__" not in page:
        return
    from absl import flags

    from tf_transformer.cli import command_line

    source = Path(page["__file__"]).read_text(encoding="utf-8")
    settings = {name: words for name, words in _SETTING.findall(source) if name in page}
    for name, words in settings.items():
        _define_flag(name, page[name], f"{words[0].upper()}{words[1:].removesuffix('.')}.")
    first, *_ = settings
    command_line.answer_early(_TITLE.search(source)[1], f"--{first}={page[first]}")
    make_output_safe()
    sys.excepthook = _answer_mistake
    command_line.refuse_arguments(flags.FLAGS(sys.argv)[1:])
    page.update({name: flags.FLAGS[name].value for name in settings})


def _define_flag(name: str, default: Any, words: str) -> None:
    """Define a flag with the type of its default."""
    from absl import flags

    kinds = {bool: "boolean", int: "integer", float: "float", str: "string", list: "list"}
    getattr(flags, f"DEFINE_{kinds[type(default)]}")(name, default, words)


def _answer_mistake(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """Print one line in place of a traceback for an error that the user can fix."""
    from tf_transformer.cli import command_line

    try:
        command_line.answer_mistake(error)
    except kind:
        sys.__excepthook__(kind, error.with_traceback(traceback), traceback)
