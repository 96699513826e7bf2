"""What all recipes share: quiet start-up, flags, and one clear line for the user's mistakes.

Importing this imports TensorFlow without its start-up messages, unless TF_CPP_MIN_LOG_LEVEL is set.
"""

import contextlib
import errno
import functools
import json
import os
import sys
import unicodedata

from absl import app, flags, logging

from tf_transformer.errors import UserError

_MISTAKE = 2
_INTERRUPTED = 130

_LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
_KEEPS_QUIET = _LOG_LEVEL not in os.environ


def run(main, positional=False):
    """Parse the flags, call `main`, and exit.

    A user's mistake is printed as one line and exits with code 2, Ctrl-C with 130.

    Args:
        main: called without arguments, or, if `positional`, with those that are no flags.
        positional: whether there may be such arguments. Defaults to `False`.
    """
    app.run(functools.partial(_guarded, main, positional), flags_parser=_parse)


def _parse(arguments):
    try:
        return flags.FLAGS(arguments)
    except flags.Error as error:
        fail(str(error).replace("FATAL Flags parsing error:", "").strip())


def _guarded(main, positional, arguments):
    _, *arguments = arguments  # the first is the script
    try:
        if positional:
            main(arguments)
        elif arguments:
            raise UserError(f"{arguments[0]!r} is no flag: write --NAME=VALUE.")
        else:
            main()
    except UserError as error:
        fail(error)
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        if _is_full_disk(error):
            fail(f"the disk is full ({_one_line(error)}): free some space and run this again.")
        if not isinstance(error, OSError):
            raise
        fail(error)  # it names the path: no permission, a file in place of a directory, …


def settings(texts):
    """Return what `--set` flags say: values by their names.

    Args:
        texts: of the flags, each `NAME=VALUE`. A value that is JSON counts as such, such as `2`,
            `0.1` and `true`; any other is a string.

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


def run_again(arguments, **environment):
    """Become a process that runs this script anew.

    Args:
        arguments: on its command line.
        **environment: variables to set for it.
    """
    if _KEEPS_QUIET:
        del os.environ[_LOG_LEVEL]  # it has start-up messages of its own to keep
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, sys.argv[0], *arguments], os.environ | environment)


def fail(message):
    """Print one line about a mistake of the user's and exit with code 2."""
    print(f"error: {_one_line(message)}", file=sys.stderr)
    sys.exit(_MISTAKE)


def claim(holds, words):
    """Print what a recipe says and has checked.

    Args:
        holds: whether it is so.
        words: what is so.

    Raises:
        AssertionError: if it is not so.
    """
    if not holds:
        raise AssertionError(f"this was found not to hold: {words}")
    print(f"  ✓ {words}")


def print_table(header, rows):
    """Print rows of cells under a header; columns of numbers are set to the right."""
    cells = [[str(cell) for cell in row] for row in (header, *rows)]
    columns = list(zip(*cells, strict=True))
    widths = [max(map(_width, column)) for column in columns]
    right = [all(cell[:1] in "+-−.≈0123456789" for cell in column[1:]) for column in columns]
    for row in cells:
        padded = [
            " " * (width - _width(cell)) + cell if is_right else cell + " " * (width - _width(cell))
            for cell, width, is_right in zip(row, widths, right, strict=True)
        ]
        print(f"  {'  '.join(padded).rstrip()}")


def _width(text):
    """Return the columns that a terminal needs for a text."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(map(bool, map(unicodedata.combining, text)))


def _one_line(message):
    return " ".join(str(message).split())


def _is_full_disk(error):
    return getattr(error, "errno", None) == errno.ENOSPC or "No space left on device" in str(error)


def _import_tensorflow_quietly():
    if not _KEEPS_QUIET:
        return
    os.environ[_LOG_LEVEL] = "3"
    logging.set_verbosity(logging.ERROR)
    with _silent_stderr():  # the first messages come before TensorFlow reads the level
        import tensorflow  # noqa: F401


@contextlib.contextmanager
def _silent_stderr():
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


_import_tensorflow_quietly()
