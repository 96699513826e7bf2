"""Checks of the options of a call: for a bad one, one line names the argument."""

from __future__ import annotations

import math
import operator

from tf_transformer.errors import UserError

_LARGEST_INT = 2**31 - 1


def whole(name: str, value: object, low: int) -> int:
    """Return an option as an int.

    Args:
        name: name of the option.
        value: its value.
        low: the lowest value allowed.

    Raises:
        UserError: if the value is not an int, or is too small or too large.
    """
    try:
        number = operator.index(value)
    except TypeError:
        raise UserError(f"{name}={value!r}: the value must be an int.") from None
    return _within(name, number, low, _LARGEST_INT)


def real(name: str, value: object, high: float = math.inf) -> float:
    """Return an option as a float of at least 0.

    Args:
        name: name of the option.
        value: its value, which must be finite.
        high: the highest value allowed. Defaults to infinity.

    Raises:
        UserError: if the value is not a finite number, or is too small or too large.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(value, str) or not math.isfinite(number):
        raise UserError(f"{name}={value!r}: the value must be a finite number.")
    return _within(name, number, 0, high)


def sampling_options(
    seed: int = 0, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0
) -> tuple[int, float, int, float]:
    """Check the options of sampling; return them in the order in which graph functions take them.

    Raises:
        UserError: if one of them is out of range.
    """
    return (
        whole("seed", seed, -_LARGEST_INT - 1),
        real("temperature", temperature),
        whole("top_k", top_k, 0),
        real("top_p", top_p, high=1),
    )


def _within(name: str, number: float, low: float, high: float) -> float:
    if low <= number <= high:
        return number
    bounds = f"at least {low}" if number < low else f"at most {high}"
    raise UserError(f"{name}={number}: the value must be {bounds}.")
