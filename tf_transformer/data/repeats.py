"""How often an epoch shows each pair, if some pairs weigh more than others."""

from __future__ import annotations

import fractions

import numpy as np

_FINEST = 10_000  # denominator of a weight


def repeats(weights: np.ndarray, epoch: int) -> np.ndarray:
    """Return how often an epoch shows each pair.

    Of the pairs with weight w, number i is shown

        floor((i + epoch + 1) w) - floor((i + epoch) w)

    times: neighbours take turns, and so do epochs. A weight of 3 shows each pair three times; a
    weight of 0.5 shows every second pair, and in the next epoch the others.

    Args:
        weights: the weight of each pair, `(pairs,)`.
        epoch: number of the epoch, from 0.

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
    """Return the most rows that neighbours with these weights take in an epoch."""
    values, counts = np.unique(weights, return_counts=True)
    return int(np.ceil(values * counts - 0.5 / _FINEST).sum())
