"""A figure of how reliable a confidence is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tf_transformer.plots.drawing import COLOURS, FAINT, dress, new_figure, save_png

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def reliability_figure(reliability: Sequence[Sequence[float]], title: str = "") -> Figure:
    """Draw the share of good translations against the confidence in them.

    Args:
        reliability: rows of a mean confidence, the share of good translations, and the number of
            sentences.
        title: title of the figure. Defaults to none.

    Returns:
        A Matplotlib figure, which belongs to no window and needs no screen.

    Example:
        ```python
        from tf_transformer.plots import reliability_figure

        figure = reliability_figure([[0.2, 0.25, 60], [0.9, 0.85, 60]])
        figure.savefig("confidence.png")
        ```
    """
    figure = new_figure(6, 5)
    axes = dress(figure.subplots(), title, "confidence", "share of good translations")
    axes.title.set_fontsize(9)
    axes.plot([0, 1], [0, 1], "--", color=FAINT, label="as it should be")
    said, held = [row[0] for row in reliability], [row[1] for row in reliability]
    axes.plot(said, held, "o-", color=COLOURS[0], label="sentences it did not learn from")
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axes.legend(frameon=False, fontsize=9, loc="upper left")
    return figure


def save_reliability_figure(
    path: str | os.PathLike, reliability: Sequence[Sequence[float]], title: str = ""
) -> None:
    """Write `reliability_figure` to a PNG file, completely or not at all.

    Args:
        path: path of the file, which is replaced if it exists.
        reliability: as of `reliability_figure`.
        title: title of the figure. Defaults to none.
    """
    save_png(reliability_figure(reliability, title), path)
