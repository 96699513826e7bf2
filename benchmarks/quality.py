"""What an engine makes of sentences, beside another."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

_NO_WEIGHTS = {".py", ".md", ".json", ".model", ".txt", ".vocab"}  # the rest are a model's files


@dataclasses.dataclass(frozen=True)
class Quality:
    """What an engine makes of the sentences: for greedy search, then for a beam of 4.

    Args:
        translations: two lists of texts.
        bleu: two figures.
        megabytes: size of the files with the weights.
    """

    translations: Sequence[Sequence[str]]
    bleu: Sequence[float]
    megabytes: float

    def share(self, other: Quality) -> list[float]:
        """Return the shares of translations that another engine gives, too."""
        return [
            sum(a == b for a, b in zip(*both, strict=True)) / len(both[0])
            for both in zip(self.translations, other.translations, strict=True)
        ]

    def loss(self, other: Quality) -> float:
        """Return how much lower BLEU is than another's, for the search that loses more."""
        return max(b - a for a, b in zip(self.bleu, other.bleu, strict=True))


def measure(
    translations: Sequence[Sequence[str]],
    directory: Path,
    score: Callable[[Sequence[str]], float],
) -> Quality:
    """Return the quality of translations, and the size of the export that made them."""
    files = [path for path in directory.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files if path.suffix not in _NO_WEIGHTS)
    return Quality(translations, [score(each) for each in translations], size / 1e6)


def row(name: str, quality: Quality, ours: Quality) -> str:
    """Return a line of the table."""
    greedy, beam = (f"{share:.1%}" for share in quality.share(ours))
    bleu, bleu_of_beam = (f"{bleu:.2f}" for bleu in quality.bleu)
    return f"| {name} | {greedy} | {beam} | {bleu} | {bleu_of_beam} | {quality.megabytes:.1f} |"
