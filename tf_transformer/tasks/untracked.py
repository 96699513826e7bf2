"""What a SavedModel does not hold."""

from __future__ import annotations

from typing import Generic, TypeVar

Hidden = TypeVar("Hidden")


class Untracked(Generic[Hidden]):
    """Hides an object from what a SavedModel tracks.

    A task's weights are tracked by themselves; its model is code, and what is compiled for training
    is not served.

    Args:
        hidden: what a call returns.
    """

    def __init__(self, hidden: Hidden) -> None:
        self._hidden = hidden

    def __call__(self) -> Hidden:
        return self._hidden
