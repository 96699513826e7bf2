"""Balanced, reproducible random choice."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chooser:
    """Chooses words at random, favours rarely picked ones, and remembers a sentence's words.

    Args:
        seed: an int; the same seed makes the same choices on every machine.

    Attributes:
        used: the entries picked since the list was last cleared.
        counts: how often each entry has been picked.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.used: list[object] = []
        self.counts: Counter[object] = Counter()

    def pick(self, entries: Sequence[T]) -> T:
        """Pick an entry: of three drawn at random, the one that was picked least so far."""
        drawn = [entries[int(self._random.random() * len(entries))] for _ in range(3)]
        entry = min(drawn, key=self.counts.__getitem__)
        self.counts[entry] += 1
        self.used.append(entry)
        return entry

    def one_of(self, *options: T) -> T:
        """Pick one of some options, which are not words and are not recorded."""
        return options[int(self._random.random() * len(options))]

    def weighted(self, weights: dict[T, float]) -> T:
        """Pick a key with a probability in proportion to its weight."""
        return self._random.choices(list(weights), list(weights.values()))[0]

    def chance(self, probability: float) -> bool:
        """Return `True` with this probability."""
        return self._random.random() < probability

    def number(self, low: int, high: int) -> int:
        """Pick a whole number from `low` to `high`, both included."""
        return low + int(self._random.random() * (high - low + 1))
