"""A figure of what several models look at as they write the same translation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tf_transformer.plots.attention_page import spelled_tokens
from tf_transformer.plots.matrix_figure import matrix_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def alignment_figure(
    alignments: Mapping[str, np.ndarray],
    source_tokens: Sequence[str],
    target_tokens: Sequence[str],
    title: str = "",
) -> Figure:
    """Draw where several models look, word by word, side by side.

    Pieces are joined into words: over the pieces of a source word, attention is summed; over those
    of a target word, it is averaged.

    Args:
        alignments: for each model by name, float `(target_length, source_length)`.
        source_tokens: labels of the columns.
        target_tokens: labels of the rows.
        title: above the picture. Defaults to none.

    Returns:
        The figure: see `Gallery`.

    Example:
        ```python
        import numpy as np
        import tf_transformer as tft

        looks = {"RNN": np.full((3, 2), 0.5), "Transformer": np.full((3, 2), 0.5)}
        figure = tft.plots.alignment_figure(looks, ["▁bom", "▁dia"], ["▁good", "▁morn", "ing"])
        [text.get_text() for text in figure.axes[0].get_yticklabels()]  # ['good', 'morning']
        ```
    """
    sources, of_source = _words(source_tokens)
    targets, of_target = _words(target_tokens)
    shares = of_target / of_target.sum(axis=1, keepdims=True)  # (words, pieces)
    joined = {name: shares @ weights @ of_source.T for name, weights in alignments.items()}
    names = {"rows": targets, "columns": sources, "x": "reads", "y": "writes"}
    return matrix_figure(joined, title=title, **names)


def _words(tokens: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """Return the words of a text, and which pieces form each word, 0 or 1 `(words, pieces)`."""
    words, rows = [], []
    for text, starts, _ in spelled_tokens(tokens):
        if starts or not words or not any(map(str.isalnum, text)):
            words.append("")
        words[-1] += text if text != "▁" else ""  # a space may be a separate piece
        rows.append(len(words) - 1)
    return words, np.eye(len(words))[:, rows]
