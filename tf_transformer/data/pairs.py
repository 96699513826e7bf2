"""Sentences and their translations, side by side."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from tf_transformer.text.rules import clean


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Sentences and their translations, side by side.

    Args:
        sources: sentences in the source language.
        targets: their translations, in the same order.

    Example:
        ```python
        import tf_transformer as tft

        pairs = tft.data.Pairs(["Bom dia.", "Obrigado."], ["Good morning.", "Thank you."])
        len(pairs)  # 2
        list(pairs[:1])  # [('Bom dia.', 'Good morning.')]
        ```
    """

    sources: list[str]
    targets: list[str]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str]]) -> Pairs:
        """Make pairs of rows, each a source and its target."""
        rows = list(rows)
        return cls([source for source, _ in rows], [target for _, target in rows])

    def __len__(self) -> int:
        return len(self.sources)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return zip(self.sources, self.targets, strict=True)

    def without_blanks(self) -> Pairs:
        """Return the pairs that have text on both sides."""
        whole = [pair for pair in self if all(clean(side) for side in pair)]
        return self if len(whole) == len(self) else Pairs.of(whole)

    def cleaned(self) -> Pairs:
        """Return the pairs as models read them: see `text.rules.clean`."""
        return Pairs([*map(clean, self.sources)], [*map(clean, self.targets)])

    def __getitem__(self, rows: slice) -> Pairs:
        return Pairs(self.sources[rows], self.targets[rows])
