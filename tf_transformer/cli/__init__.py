"""The programs behind the recipes and the console command `tft`."""

from __future__ import annotations

import sys
from importlib.metadata import version

from tf_transformer.cli.pages import run_as_script, take_flags
from tf_transformer.cli.programs import PROGRAMS
from tf_transformer.cli.streams import make_output_safe
from tf_transformer.errors import suggest

__all__ = ["main", "run_as_script", "take_flags"]

_MISTAKE = 2
_HELP = ("-h", "--help", "help")
_VERSION = ("-V", "--version", "version")


def main() -> None:
    """Run `tft VERB …`."""
    make_output_safe()
    verb, *arguments = sys.argv[1:] or ["--help"]
    if verb in _HELP:
        print(_usage())
        return
    if verb in _VERSION:
        print(f"tf-transformer {version('tf-transformer')}")
        return
    if verb not in PROGRAMS:
        print(f"error: {verb!r} is not a verb of tft: {suggest(verb, PROGRAMS)}", file=sys.stderr)
        sys.exit(_MISTAKE)
    from tf_transformer.cli import command_line

    sys.argv[:] = [f"tft {verb}", *arguments]
    command_line.run_program(verb)


def _usage() -> str:
    width = max(map(len, PROGRAMS))
    verbs = "\n".join(f"  {verb:{width}}  {each.summary}" for verb, each in PROGRAMS.items())
    return f"Usage: tft VERB [--NAME=VALUE …]\n\n{verbs}\n\ntft VERB --help lists its flags."
