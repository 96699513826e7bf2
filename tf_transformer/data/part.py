"""A corpus in training: alone, or one of a mixture."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from tf_transformer.config import CorpusFacts
from tf_transformer.errors import UserError, counted, warn
from tf_transformer.text.rules import clean

if TYPE_CHECKING:
    from tf_transformer.data.corpus import Corpus
    from tf_transformer.data.pairs import Pairs


@dataclasses.dataclass(frozen=True)
class Part:
    """A corpus in training, in one direction: alone, or one of a mixture.

    Args:
        corpus: the corpus as it is written, on which scores are computed.
        shown: the corpus as the model reads and writes it. Defaults to `corpus`.
        weight: how often an epoch shows its pairs: see `repeats`. Defaults to 1.
        tag: symbol before its sources, which asks for a language and a form; empty for the usual
            ones. Defaults to `""`.
        name: its name among the scores. Defaults to the name of the corpus.

    Example:
        ```python
        import tf_transformer as tft

        pairs = tft.data.Pairs(["Bom dia.", ""], ["Good morning.", "Nothing."])
        corpus = tft.data.Corpus("day", "pt", "en", {"test": 2}, {"test": pairs}.__getitem__)
        part = tft.data.Part(corpus, weight=3)
        part.pairs_to_score("test")[1]  # ['Good morning.']
        ```

    Reference:
        Johnson et al. 2017, *Google's Multilingual Neural Machine Translation System: Enabling
        Zero-Shot Translation*.
    """

    corpus: Corpus
    shown: Corpus | None = None
    weight: float = 1.0
    tag: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "shown", self.shown or self.corpus)
        object.__setattr__(self, "name", self.name or self.corpus.name)

    @property
    def facts(self) -> CorpusFacts:
        """The facts about the corpus that a run keeps."""
        size = self.shown.splits.get("train", 0)
        return dataclasses.replace(self.corpus.facts, size=size, weight=self.weight, tag=self.tag)

    def pairs_to_score(self, split: str) -> tuple[Pairs, list[str]]:
        """Read the pairs of a split that can be scored: those with text on both sides.

        A warning on standard error says how many are left out.

        Args:
            split: one of the corpus's splits.

        Returns:
            The pairs as the model reads and writes them, and the targets as the corpus has them.

        Raises:
            UserError: if there is no such split, if it cannot be read, or if no pair is left.
        """
        pairs, written = self.shown.pairs(split), self.corpus.pairs(split)
        whole = pairs.without_blanks()
        if not whole:
            raise UserError(f"{self.name}, {split}: no pair has text on both sides.")
        if len(whole) < len(pairs):
            count = counted(len(pairs) - len(whole), "pair")
            warn(f"{self.name}, {split}: {count} with a blank side left out of the score.")
        references = zip(pairs, written.targets, strict=True)
        return whole, [target for pair, target in references if all(map(clean, pair))]
