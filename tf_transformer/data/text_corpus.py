"""A corpus of plain text: documents to train on, and others to validate on."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from tf_transformer.config import CorpusFacts


@dataclasses.dataclass(frozen=True)
class TextCorpus:
    """Documents to train a language model on: see `load_text`.

    Args:
        name: name of the data set or file, as the user gave it.
        train: documents to train on.
        validation: documents to validate on.
        license: licence of the text, for the model card. Defaults to `"unknown"`.

    Example:
        ```python
        import tf_transformer as tft

        corpus = tft.data.TextCorpus("rhymes", ["One, two.", "Three, four."], ["Five, six."])
        corpus.facts.size  # 2
        ```
    """

    name: str
    train: Sequence[str] = dataclasses.field(repr=False)
    validation: Sequence[str] = dataclasses.field(repr=False)
    license: str = "unknown"

    @property
    def facts(self) -> CorpusFacts:
        """The facts about the corpus that a run keeps."""
        return CorpusFacts(self.name, self.license, size=len(self.train))
