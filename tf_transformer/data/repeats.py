"""How often each pair is shown in an epoch, where some are shown more often than others."""

from __future__ import annotations

import fractions

import numpy as np

_FINEST = 10_000  # denominator of a weight


def repeats(weights: np.ndarray, epoch: int) -> np.ndarray:
    """Return how often each pair is shown in an epoch.

    The pair in place i of those of weight w is shown

        floor((i + epoch + 1) w) - floor((i + epoch) w)

    times: neighbours, and epochs, take turns. So a weight of 3 shows each pair three times, a
    weight of 0.5 every other pair, and in the next epoch the others.

    Args:
        weights: of each pair, `(pairs,)`.
        epoch: from 0.

    Returns:
        Numbers `(pairs,)`.
    """
    counts = np.zeros(len(weights), np.int64)
    for weight in np.unique(weights):
        members = np.flatnonzero(weights == weight)
        share = fractions.Fraction(float(weight)).limit_denominator(_FINEST)
        places = np.arange(len(members) + 1) + int(epoch)
        counts[members] = np.diff(places * share.numerator // share.denominator)
    return counts


def most_repeats(weights: np.ndarray) -> int:
    """Return how many rows neighbours of these weights take in an epoch, at most."""
    values, counts = np.unique(weights, return_counts=True)
    return int(np.ceil(values * counts - 0.5 / _FINEST).sum())
