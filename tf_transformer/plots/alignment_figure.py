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
    """Draw who looks where, word by word, for several models side by side.

    Pieces of words are joined: a word's pieces in the source get the sum of their attention, those
    in the target the mean.

    Args:
        alignments: by the names of the models, each float `(target_length, source_length)`.
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
    """Return the words of a text, and which pieces each is made of, 0 or 1 `(words, pieces)`."""
    words, rows = [], []
    for text, starts, _ in spelled_tokens(tokens):
        if starts or not words or not any(map(str.isalnum, text)):
            words.append("")
        words[-1] += text if text != "▁" else ""  # a space that is a piece of its own
        rows.append(len(words) - 1)
    return words, np.eye(len(words))[:, rows]
