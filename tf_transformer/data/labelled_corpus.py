"""A corpus of labelled texts: to train a classifier on, to choose it by, and to test it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from tf_transformer.config import CorpusFacts
from tf_transformer.data.labelled_texts import LabelledTexts


@dataclasses.dataclass(frozen=True)
class LabelledCorpus:
    """Texts and their classes to train a classifier on: see `load_labelled`.

    Args:
        name: what the user asked for: the name of a data set or a file.
        classes: names of the classes.
        train: texts to train on.
        validation: texts to choose the best model by. They come from the set's own `train`,
            even where it has a `validation` split.
        test: texts that nothing is chosen by.
        license: licence of the texts, for the model card. Defaults to `"unknown"`.
    """

    name: str
    classes: Sequence[str]
    train: LabelledTexts = dataclasses.field(repr=False)
    validation: LabelledTexts = dataclasses.field(repr=False)
    test: LabelledTexts = dataclasses.field(repr=False)
    license: str = "unknown"

    @property
    def facts(self) -> CorpusFacts:
        """What a run keeps of it."""
        return CorpusFacts(
            self.name, self.license, size=len(self.train), classes=tuple(self.classes)
        )
