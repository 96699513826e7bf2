"""The types of configuration fields, with their valid values."""

from __future__ import annotations

import dataclasses
import typing
from typing import Annotated, Literal

from tf_transformer.errors import UserError, require, suggest


@dataclasses.dataclass(frozen=True)
class Range:
    """Numbers from `low` to below `high`.

    Args:
        low: the smallest valid number.
        high: the first number that is too large. Defaults to infinity.
    """

    low: float
    high: float = float("inf")

    def __contains__(self, value: float) -> bool:
        return self.low <= value < self.high  # false for NaN

    def __str__(self) -> str:
        if self.high == float("inf"):
            return f"at least {self.low}"
        return f"from {self.low} to below {self.high}"


VocabularySize = Annotated[int, Range(5)]  # 4 special ids and a token
Length = Annotated[int, Range(2)]
Size = Annotated[int, Range(1)]
Count = Annotated[int, Range(0)]
Amount = Annotated[float, Range(0)]
Rate = Annotated[float, Range(0, 1)]

Tie = Literal["none", "target", "all"]


def checked(field: str, value: object, hint: object) -> object:
    """Return the value of a field, checked; an int becomes a float if the field needs one.

    Args:
        field: its name, for messages. Layers check their arguments in the same way.
        value: the value to check.
        hint: type of the field: `bool`, `int`, `float` or `str`, one of these `Annotated` with a
            `Range`, or a `Literal` of texts.

    Raises:
        UserError: for a value of the wrong type or out of range, or an unknown choice.
    """
    choices = typing.get_args(hint) if typing.get_origin(hint) is Literal else ()
    plain, *ranges = typing.get_args(hint) if typing.get_origin(hint) is Annotated else (hint,)
    expected = str if choices else plain
    if expected is float and type(value) is int:  # 1 is a good way to write 1.0
        value = float(value)
    if type(value) is not expected:
        raise UserError(f"{field}={value!r}: this field takes {_TYPES[expected]}.")
    require(
        not choices or value in choices,
        f"{field}={value!r} is unknown: {suggest(str(value), choices)}",
    )
    for each in ranges:
        require(value in each, f"{field}={value}: the value must be {each}.")
    return value


_TYPES = {bool: "a bool", int: "an int", float: "a float", str: "a str"}
