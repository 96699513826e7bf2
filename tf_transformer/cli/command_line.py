"""The common parts of all programs: flags, help, and one clear line for the user's mistakes.

They answer before TensorFlow is imported, which takes seconds.
"""

from __future__ import annotations

import errno
import functools
import gc
import importlib
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from absl import app, flags, logging

from tf_transformer.cli import program_flags
from tf_transformer.cli.large_pages import take_large_pages
from tf_transformer.cli.programs import PROGRAMS, called, is_console_command
from tf_transformer.cli.streams import make_output_safe, valid_texts
from tf_transformer.errors import UserError, suggest
from tf_transformer.quiet_start import KEEPS_QUIET

_MISTAKE = 2
_INTERRUPTED = 130

if KEEPS_QUIET:
    logging.set_verbosity(logging.ERROR)


def run_program(verb: str) -> None:
    """Run a program of this package, and exit: see `run`.

    Args:
        verb: one of `PROGRAMS`.
    """
    # Graphs are made of many objects, which live long: to search them for cycles less often saves a
    # tenth of the time to the first answer.
    gc.set_threshold(100_000, 50, 50)
    program, others = PROGRAMS[verb], set(flags.FLAGS)
    program_flags.define(verb)
    rest = " [TEXT …]" if program.positional else ""
    _answer_help(called(verb), rest, program.summary, program.example, others)
    if verb == "train":
        take_large_pages({"tft", __package__, program.recipe})

    def main(*arguments: Sequence[str]) -> None:
        program_flags.check(verb)
        importlib.import_module(f"{__package__}.{program.module}").main(*arguments)

    run(main, program.positional)


def answer_early(summary: str, example: str, positional: bool = False) -> None:
    """Answer --help and mistaken flags of a script before its slow imports.

    Args:
        summary: what the script does.
        example: arguments to start with.
        positional: as of `run`. Defaults to `False`.
    """
    rest = " [RUN …]" if positional else ""
    _answer_help(
        f"python recipes/{Path(sys.argv[0]).name}", rest, summary, example, _flags_of_absl()
    )
    _parse(sys.argv)
    flags.FLAGS.unparse_flags()  # `run` parses them


def _answer_help(command: str, rest: str, summary: str, example: str, others: set[str]) -> None:
    """If --help is given, print the usage and the flags of a program, and exit."""
    if not {"--help", "-h"} & set(sys.argv[1:]):
        return
    make_output_safe()
    names = [name for name in flags.FLAGS if name not in others]
    width = max(map(len, names))
    mark = "" if summary.endswith("?") else "."
    lines = [f"{summary[0].upper()}{summary[1:]}{mark}\n\nUsage: {command} [--NAME=VALUE …]{rest}"]
    lines.append(f"Example: {command} {example}\n")
    for name in names:
        flag = flags.FLAGS[name]
        default = ",".join(flag.default) if isinstance(flag.default, list) else flag.default
        known = f" Default: {default}." if default not in (None, False, "") else ""
        lines.append(f"  --{name:{width}}  {flag.help.splitlines()[0].rstrip(';')}{known}")
    try:
        print(*lines, sep="\n", flush=True)
    except BrokenPipeError:
        _write_to_nobody()
    sys.exit(0)


def run(main: Callable[..., None], positional: bool = False) -> None:
    """Parse the flags, call `main`, and exit.

    A user's mistake is printed as one line, with exit code 2. Ctrl-C exits with code 130.

    Args:
        main: called without arguments or, if `positional`, with those that are not flags.
        positional: whether such arguments are allowed. Defaults to `False`.
    """
    make_output_safe()
    app.run(functools.partial(_guarded, main, positional), flags_parser=_parse)


def _parse(arguments: Sequence[str]) -> list[str]:
    try:
        return flags.FLAGS(valid_texts(arguments))
    except flags.UnrecognizedFlagError as error:
        fail(f"Unknown command line flag {error.flagname!r}: {_nearest_flag(error.flagname)}")
    except flags.Error as error:
        fail(str(error).replace("FATAL Flags parsing error:", "").strip())


def _nearest_flag(name: str) -> str:
    """Return the end of a message: the nearest flag, or the nearest field for --set."""
    own = set(flags.FLAGS) - _flags_of_absl()
    near = suggest(name, own)
    fields = program_flags.fields() if "set" in own else set()
    if name in fields:
        return f"it is a field: write --set={name}=…"
    in_fields = suggest(name, fields)
    if not near.startswith("did") and in_fields.startswith("did"):
        return f"{in_fields.rstrip('?')}? It is a field: write --set=NAME=…"
    return near if near.startswith("did") else "--help lists all flags."


def _flags_of_absl() -> set[str]:
    modules = flags.FLAGS.flags_by_module_dict().items()
    found = [flag for module, own in modules if module.startswith("absl") for flag in own]
    return {name for flag in found for name in (flag.name, flag.short_name)}


def _guarded(main: Callable[..., None], positional: bool, arguments: Sequence[str]) -> None:
    _, *arguments = arguments  # the first is the script
    try:
        if positional:
            main(arguments)
        else:
            refuse_arguments(arguments)
            main()
    except (Exception, KeyboardInterrupt) as error:
        answer_mistake(error)


def refuse_arguments(arguments: Sequence[str]) -> None:
    """Raise `UserError` if there are arguments other than flags."""
    if arguments:
        raise UserError(f"{arguments[0]!r} is not a flag: write --NAME=VALUE.")


def answer_mistake(error: BaseException) -> None:
    """Print one line about an error that the user can fix, and exit; raise any other error."""
    if isinstance(error, UserError):
        fail(_with_dashes(str(error)))
    if isinstance(error, KeyboardInterrupt):
        print("\nInterrupted.", file=sys.stderr)
        sys.exit(_INTERRUPTED)
    if isinstance(error, BrokenPipeError):
        return _write_to_nobody()
    if _is_full_disk(error):
        fail(f"the disk is full ({_one_line(error)}): free some space and run this again.")
    if not isinstance(error, OSError):
        raise error
    fail(error)  # the error names the path: no permission, a file in place of a directory, …


def _write_to_nobody() -> None:
    """Stop writing to a reader that is gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run_again(arguments: Sequence[str], **environment: str) -> None:
    """Replace this process by one that runs this program again.

    Args:
        arguments: its command-line arguments.
        **environment: environment variables to set for it.
    """
    script = [sys.argv[0]]
    if is_console_command():
        script = ["-m", __package__, script[0].removeprefix("tft ")]
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, *script, *arguments], os.environ | environment)


def fail(message: object) -> NoReturn:
    """Print one line about a user's mistake, and exit with code 2."""
    print(f"error: {_one_line(message)}", file=sys.stderr)
    sys.exit(_MISTAKE)


def claim(holds: bool, words: str) -> None:
    """Print a claim of a recipe that has just been checked.

    Args:
        holds: whether the claim holds.
        words: the claim.

    Raises:
        AssertionError: if it does not hold.
    """
    if not holds:
        raise AssertionError(f"this claim does not hold: {words}")
    print(f"  ✓ {words}")


def _with_dashes(message: str) -> str:
    """Write the arguments in a message as command-line flags: "set --data_dir=FOLDER"."""
    names = "|".join(map(re.escape, flags.FLAGS))
    message = re.sub(rf"\b((?:set|another|by|on:|with) )({names})=", r"\1--\2=", message)
    message = re.sub(r"(--\w+)=True\b", r"\1", message)
    return re.sub(r"\btft (\w+)(?= --)", lambda command: called(command[1]), message)


def _one_line(message: object) -> str:
    return " ".join(str(message).split())


def _is_full_disk(error: BaseException) -> bool:
    return getattr(error, "errno", None) == errno.ENOSPC or "No space left on device" in str(error)
