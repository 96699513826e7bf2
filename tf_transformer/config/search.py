"""The usual search for translations, and descriptions of searches."""

from __future__ import annotations

SEARCH = {"beam_size": 4, "alpha": 0.6}
"""The usual search for translations."""

AS_GOOD = 0.002
"""Difference in BLEU between results that count as equally good."""


def is_as_good(bleu: float, other: float) -> bool:
    """Return whether two scores are too close to tell apart."""
    return abs(bleu - other) < AS_GOOD + 1e-9


def search_in_words(beam_size: int, alpha: float) -> str:
    """Describe a search: "beam search (beam 4, length penalty of 0.6)"."""
    return (
        f"beam search (beam {beam_size}, {_penalty(alpha)})" if beam_size > 1 else "greedy search"
    )


def scores_in_words(alpha: float) -> str:
    """Describe the scores that a beam search gives to translations."""
    return f"log-probabilities, {f'divided by a {_penalty(alpha)}' if alpha else _penalty(alpha)}"


def _penalty(alpha: float) -> str:
    return f"length penalty of {alpha:g}" if alpha else "without a length penalty"
