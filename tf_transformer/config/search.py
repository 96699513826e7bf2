"""The usual search for translations, and what is said of searches."""

from __future__ import annotations

SEARCH = {"beam_size": 4, "alpha": 0.6}
"""How translations are searched for, unless something else is asked for."""

AS_GOOD = 0.002
"""BLEU by which the scores of what is equally good may differ."""


def is_as_good(bleu: float, other: float) -> bool:
    """Return whether two scores are too close to tell one from the other."""
    return abs(bleu - other) < AS_GOOD + 1e-9


def search_in_words(beam_size: int, alpha: float) -> str:
    """Return what a search is: "beam search (beam 4, length penalty of 0.6)"."""
    return (
        f"beam search (beam {beam_size}, {_penalty(alpha)})" if beam_size > 1 else "greedy search"
    )


def scores_in_words(alpha: float) -> str:
    """Return what the scores are that a beam search gives to translations."""
    return f"log-probabilities, {f'divided by a {_penalty(alpha)}' if alpha else _penalty(alpha)}"


def _penalty(alpha: float) -> str:
    return f"length penalty of {alpha:g}" if alpha else "without a length penalty"
