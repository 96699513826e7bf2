"""The one exception for mistakes that the user can mend."""

from __future__ import annotations


class UserError(ValueError):
    """A mistake of the user's: its text is one line that says what is wrong and how to mend it.

    Recipes print that line and exit with code 2; library callers see an ordinary `ValueError`.
    """


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun: "1 pair", "2,000 pairs".

    Args:
        number: how many there are.
        noun: the word for one of them.
        plural: the word for several. Defaults to `noun` with an "s".
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
