"""Balanced, reproducible random choice."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chooser:
    """Chooses words at random, the rarer the likelier, and remembers what a sentence used.

    Args:
        seed: an integer; the same seed makes the same choices on every machine.

    Attributes:
        used: the entries picked since it was last cleared.
        counts: how often each entry was picked since the beginning.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.used: list[object] = []
        self.counts: Counter[object] = Counter()

    def pick(self, entries: Sequence[T]) -> T:
        """Picks an entry: of three drawn at random, the one that was picked least so far."""
        drawn = [entries[int(self._random.random() * len(entries))] for _ in range(3)]
        entry = min(drawn, key=self.counts.__getitem__)
        self.counts[entry] += 1
        self.used.append(entry)
        return entry

    def one_of(self, *options: T) -> T:
        """Picks one of some options, which are not words to keep a record of."""
        return options[int(self._random.random() * len(options))]

    def weighted(self, weights: dict[T, float]) -> T:
        """Picks a key with a probability in proportion to its weight."""
        return self._random.choices(list(weights), list(weights.values()))[0]

    def chance(self, probability: float) -> bool:
        """Returns True with this probability."""
        return self._random.random() < probability

    def number(self, low: int, high: int) -> int:
        """Picks a whole number between two, both included."""
        return low + int(self._random.random() * (high - low + 1))
