"""A parallel corpus: named splits of sentence pairs in two languages."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping

from tf_transformer.errors import UserError
from tf_transformer.text.forms import PLAIN


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Sentences and their translations, side by side.

    Args:
        sources: Sentences in the source language.
        targets: Their translations, in the same order.
    """

    sources: list[str]
    targets: list[str]

    def __len__(self) -> int:
        return len(self.sources)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return zip(self.sources, self.targets, strict=True)

    def __getitem__(self, rows: slice) -> Pairs:
        return Pairs(self.sources[rows], self.targets[rows])


@dataclasses.dataclass(frozen=True)
class Corpus:
    """Sentence pairs to train on and to score, wherever they come from.

    Args:
        name: What the user asked for: a data set's or a file's name.
        source_language: Code of the language translated from, such as `pt`.
        target_language: Code of the language translated to, such as `en`.
        splits: Names of the splits, with the number of pairs in each.
        read: Reads one split; called by `pairs`.
        license: Licence of the text, for the model card. Defaults to "unknown".
        text_form: Name of the form that its text is written in: `"plain"`, as people write,
            `"treebank"` or `"ted_hrlr"`, both of lower-cased words. Defaults to "plain".
    """

    name: str
    source_language: str
    target_language: str
    splits: Mapping[str, int]
    read: Callable[[str], Pairs] = dataclasses.field(repr=False)
    license: str = "unknown"
    text_form: str = PLAIN

    @property
    def bleu_tokenize(self) -> str:
        """How `evaluation.score` should split its words."""
        return "13a" if self.text_form == PLAIN else self.text_form

    @property
    def evaluation_split(self) -> str:
        """The split that scores are reported on: `test` where there is one."""
        return "test" if "test" in self.splits else "validation"

    def require_split(self, split: str) -> None:
        """Raises `UserError` if there is no such split."""
        if split not in self.splits:
            raise UserError(
                f'{self.name} has no split "{split}"; it has: {", ".join(self.splits) or "none"}'
            )

    def pairs(self, split: str) -> Pairs:
        """Reads all the pairs of a split into memory.

        Args:
            split: One of the names in `splits`.

        Raises:
            UserError: There is no such split, or it cannot be read.
        """
        self.require_split(split)
        return self.read(split)
