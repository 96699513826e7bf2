"""What goes in and out of a terminal: output never fails, and arguments are valid text."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable


def make_output_safe() -> None:
    r"""Let standard output and error write every character, whatever their encoding.

    What an encoding lacks is written by its number: in ASCII, "João" is `Jo\xe3o`.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def valid_texts(arguments: Iterable[str]) -> list[str]:
    """Return arguments as valid Unicode: each byte or half character that is none is U+FFFD."""
    return [
        argument.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        for argument in arguments
    ]
