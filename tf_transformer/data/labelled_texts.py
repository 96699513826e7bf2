"""Texts, and the class of each."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True)
class LabelledTexts:
    """Texts, and the class of each.

    Args:
        texts: the texts to classify.
        labels: the numbers of their classes, from 0.

    Example:
        ```python
        import tf_transformer as tft

        texts = tft.data.LabelledTexts(["good", "bad"], [1, 0])
        len(texts)  # 2
        ```
    """

    texts: Sequence[str]
    labels: Sequence[int]

    def __len__(self) -> int:
        return len(self.texts)
