"""Errors that the user can fix, and their wording."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable

_LINE = 450  # characters: nobody reads more


class UserError(ValueError):
    """A mistake that the user can fix. Its text says in one line what is wrong, and what to do.

    Recipes print that line and exit with code 2; library callers see an ordinary `ValueError`.

    Example:
        ```python
        import tf_transformer as tft

        try:
            tft.preset("tinny")
        except tft.UserError as error:
            print(error)  # preset 'tinny' is unknown: did you mean tiny?
        ```
    """

    _keras_call_info_injected = True  # otherwise Keras adds a line for each argument of the layer


def require(condition: bool, message: str) -> None:
    """Raise `UserError(message)` unless `condition` holds."""
    if not condition:
        raise UserError(message)


def warn(message: str) -> None:
    """Warn the user, in a line on standard error, of something that may be a mistake."""
    print(f"warning: {message}", file=sys.stderr)


def suggest(name: str, names: Iterable[str]) -> str:
    """Return the end of an error message: the nearest of `names`, or as many as fit on a line."""
    names = sorted(names)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    near = [each for each in names if _initials(each) == name.lower()] or near  # lr: learning_rate
    if near:
        return f"did you mean {' or '.join(near)}?"
    listed = ", ".join(names)
    if len(listed) > _LINE:
        listed = f"{listed[:_LINE].rpartition(', ')[0]} and others"
    return f"choose one of {listed}."


def _initials(name: str) -> str:
    return "".join(word[:1] for word in name.split("_"))


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun: "1 pair", "2,000 pairs".

    Args:
        number: the number.
        noun: the singular noun.
        plural: the plural noun. Defaults to `noun` with an "s".
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
