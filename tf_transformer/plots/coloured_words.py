"""Words with colours that show what they add to a classifier's answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tf_transformer.evaluation.attribution import Attribution

_FOR, _AGAINST = (31, 119, 180), (214, 96, 20)  # blue, orange: safe for the colour-blind
_LOOKED_AT = (110, 110, 110)

COLOURS = {"for the answer": _FOR, "against it": _AGAINST, "attention leads there": _LOOKED_AT}


class ColouredWord(NamedTuple):
    """A word and its appearance."""

    text: str
    colour: tuple[int, int, int]  # red, green, blue, from 0 to 255
    opacity: float  # of the colour, from 0 to 1
    value: str  # the word's value in figures


class ColouredText(NamedTuple):
    """A text and the meaning of its colours."""

    caption: str
    words: list[ColouredWord]


def coloured_texts(
    attributions: Sequence[Attribution], classes: Sequence[str]
) -> list[list[ColouredText]]:
    """Return each text twice: coloured by what its words add, and by attention.

    Args:
        attributions: attributions of some texts.
        classes: names of the classes.
    """
    strongest = max((np.abs(each.shares).max(initial=1e-9) for each in attributions), default=1)
    return [
        [_by_shares(each, strongest, classes[each.label]), _by_attention(each)]
        for each in attributions
    ]


def _by_shares(found: Attribution, strongest: float, label: str) -> ColouredText:
    words = [
        _coloured(word, share / strongest, _FOR if share > 0 else _AGAINST, f"{share:+.2f}")
        for word, share in zip(found.words, found.shares, strict=True)
    ]
    return ColouredText(f"{label}, {found.probability:.1%}", words)


def _by_attention(found: Attribution) -> ColouredText:
    most = found.attention.max(initial=1e-9)
    words = [
        _coloured(word, part / most, _LOOKED_AT, f"{part:.1%}")
        for word, part in zip(found.words, found.attention, strict=True)
    ]
    return ColouredText("attention", words)


def _coloured(text: str, strength: float, colour: tuple[int, int, int], value: str) -> ColouredWord:
    return ColouredWord(text, colour, 0.75 * abs(strength), value)
