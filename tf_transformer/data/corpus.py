"""A parallel corpus: named splits of sentence pairs in two languages."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from tf_transformer.config import CorpusFacts
from tf_transformer.data.pairs import Pairs
from tf_transformer.data.part import Part
from tf_transformer.errors import UserError
from tf_transformer.text.forms import PLAIN


@dataclasses.dataclass(frozen=True)
class Corpus:
    """Sentence pairs to train and score a translator on: see `load_corpus`.

    Args:
        name: name of the data set or file, as the user gave it.
        source_language: code of the language translated from, such as `pt`.
        target_language: code of the language translated to, such as `en`.
        splits: names of the splits, with the number of pairs in each.
        read: function that reads one split; `pairs` calls it.
        license: licence of the text, for the model card. Defaults to `"unknown"`.
        text_form: name of the form that the text is written in: `"plain"` as people write, or
            lower-cased words as `"treebank"` or `"ted_hrlr"`. Defaults to `"plain"`.
        tokenize: how BLEU splits words: see `CorpusFacts`. Defaults to `""`.

    Example:
        ```python
        import tf_transformer as tft

        splits = {"train": tft.data.Pairs(["Bom dia."], ["Good morning."])}
        corpus = tft.data.Corpus("greetings", "pt", "en", {"train": 1}, splits.__getitem__)
        corpus.pairs("train").targets  # ['Good morning.']
        ```
    """

    name: str
    source_language: str
    target_language: str
    splits: Mapping[str, int]
    read: Callable[[str], Pairs] = dataclasses.field(repr=False)
    license: str = "unknown"
    text_form: str = PLAIN
    tokenize: str = ""

    @property
    def facts(self) -> CorpusFacts:
        """The facts about the corpus that a run keeps."""
        return CorpusFacts(
            self.name,
            self.license,
            self.source_language,
            self.target_language,
            self.text_form,
            self.splits.get("train", 0),
            tokenize=self.tokenize,
        )

    @property
    def parts(self) -> tuple[Part, ...]:
        """The corpora that make it up: see `Mixture`."""
        return (Part(self),)

    @property
    def bleu_tokenize(self) -> str:
        """How `evaluation.score` splits its words."""
        return self.facts.bleu_tokenize

    @property
    def evaluation_split(self) -> str:
        """The split that scores are reported on: `test` if there is one."""
        return "test" if "test" in self.splits else "validation"

    def require_split(self, split: str) -> None:
        """Check that there is such a split.

        Raises:
            UserError: if there is none.
        """
        if split not in self.splits:
            raise UserError(
                f'{self.name} has no split "{split}"; it has: {", ".join(self.splits) or "none"}'
            )

    def pairs(self, split: str) -> Pairs:
        """Read all the pairs of a split into memory.

        Args:
            split: one of the names in `splits`.

        Raises:
            UserError: if there is no such split, or if it cannot be read.
        """
        self.require_split(split)
        return self.read(split)

    def pairs_to_score(self, split: str) -> Pairs:
        """Read the pairs of a split that can be scored: those with text on both sides.

        A warning on standard error says how many are left out.

        Args:
            split: one of the names in `splits`.

        Raises:
            UserError: if there is no such split, if it cannot be read, or if no pair is left.
        """
        pairs, _ = Part(self).pairs_to_score(split)
        return pairs
