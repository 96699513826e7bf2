"""A wrapper for what a SavedModel should not hold."""

from __future__ import annotations

from typing import Generic, TypeVar

Hidden = TypeVar("Hidden")


class Untracked(Generic[Hidden]):
    """Hides an object from a SavedModel's tracking.

    A task's weights are tracked separately. Its model is code, and what was compiled for training
    is not served.

    Args:
        hidden: the object, which a call returns.
    """

    def __init__(self, hidden: Hidden) -> None:
        self._hidden = hidden

    def __call__(self) -> Hidden:
        return self._hidden
