"""Input and output of a terminal: output never fails, and arguments become valid text."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable


def make_output_safe() -> None:
    r"""Let standard output and error write every character, whatever their encoding.

    Characters that an encoding lacks are written as numbers: in ASCII, "João" is `Jo\xe3o`.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def valid_texts(arguments: Iterable[str]) -> list[str]:
    """Return arguments as valid Unicode: each invalid byte or half character becomes U+FFFD."""
    return [
        argument.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        for argument in arguments
    ]
