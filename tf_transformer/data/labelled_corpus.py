"""A corpus of labelled texts to train, validate and test a classifier."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Sequence

from tf_transformer.config import CorpusFacts
from tf_transformer.data.labelled_texts import LabelledTexts
from tf_transformer.errors import counted

_TINY = 10  # training texts of a class: with fewer, it is hardly learned
_MOST_SHOWN = 20  # classes in a line


@dataclasses.dataclass(frozen=True)
class LabelledCorpus:
    """Texts and their classes to train a classifier on: see `load_labelled`.

    Args:
        name: name of the data set or file, as the user gave it.
        classes: names of the classes.
        train: texts to train on.
        validation: texts on which the best model is chosen. They come from the set's `train`,
            even if it has a `validation` split.
        test: texts that influence no choice.
        license: licence of the texts, for the model card. Defaults to `"unknown"`.

    Example:
        ```python
        import tf_transformer as tft

        texts = tft.data.LabelledTexts(["well done", "too bad"], [1, 0])
        corpus = tft.data.LabelledCorpus("reviews", ["bad", "good"], texts, texts, texts)
        corpus.facts.classes  # ("bad", "good")
        ```
    """

    name: str
    classes: Sequence[str]
    train: LabelledTexts = dataclasses.field(repr=False)
    validation: LabelledTexts = dataclasses.field(repr=False)
    test: LabelledTexts = dataclasses.field(repr=False)
    license: str = "unknown"

    @property
    def facts(self) -> CorpusFacts:
        """The facts about the corpus that a run keeps."""
        return CorpusFacts(
            self.name, self.license, size=len(self.train), classes=tuple(self.classes)
        )

    def counts(self) -> dict[str, int]:
        """Return the number of training texts of each class."""
        found = collections.Counter(self.train.labels)
        return {name: found[number] for number, name in enumerate(self.classes)}

    def report(self) -> str:
        """Return one line on the classes, with the number of training texts of each."""
        shown = [f"{name or '(blank)'} {count:,}" for name, count in self.counts().items()]
        more = f", and {len(shown) - _MOST_SHOWN:,} more" if len(shown) > _MOST_SHOWN else ""
        classes = counted(len(shown), "class", "classes")
        return f"{classes} to tell apart: {', '.join(shown[:_MOST_SHOWN])}{more}"

    def doubts(self) -> list[str]:
        """Return what looks wrong with the classes, one line for each."""
        found = []
        if len(self.classes) == 1:
            found.append(f"{self.name}: there is only one class, so there is nothing to learn.")
        if "" in self.classes:
            found.append(f"{self.name}: some labels are blank, which counts as a class.")
        names: dict[str, list[str]] = {}
        for name in self.classes:
            names.setdefault(name.casefold(), []).append(name)
        equal = [" and ".join(map(repr, same)) for same in names.values() if len(same) > 1]
        if equal:
            found.append(f"{self.name}: classes that differ only in case: {', '.join(equal)}.")
        tiny = [name for name, count in self.counts().items() if count < _TINY]
        if tiny:
            more = ", …" if len(tiny) > _MOST_SHOWN else ""
            found.append(
                f"{self.name}: {counted(len(tiny), 'class has', 'classes have')} fewer than "
                f"{_TINY} texts to learn from: "
                f"{', '.join(map(repr, tiny[:_MOST_SHOWN]))}{more}."
            )
        return found
