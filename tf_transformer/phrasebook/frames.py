"""The registry of sentence frames."""

from __future__ import annotations

from collections.abc import Callable

from tf_transformer.phrasebook.clause import Text
from tf_transformer.phrasebook.grammar import Grammar

Frame = Callable[[Grammar], Text]
FRAMES: dict[Frame, float] = {}


class Unsuitable(Exception):
    """The words that a frame picked do not make a good sentence; try again."""


def frame(weight: float) -> Callable[[Frame], Frame]:
    """Register a function that says one kind of sentence.

    Args:
        weight: how often the frame is chosen, relative to the others.

    Returns:
        A decorator that returns the function as it is.
    """

    def register(function: Frame) -> Frame:
        FRAMES[function] = weight
        return function

    return register


def sentence(text: Text, end: str = ".") -> Text:
    """Make a sentence of words: add a capital and a full stop (or another end)."""
    return Text(*(words[0].upper() + words[1:] + end for words in text))


def join(*texts: Text | str) -> Text:
    """Join texts with spaces; a plain string is the same in both languages."""
    pairs = [Text(text, text) if isinstance(text, str) else text for text in texts]
    sides = zip(*pairs, strict=True)
    return Text(*(" ".join(filter(None, side)).replace(" ,", ",") for side in sides))
