"""Bars: named amounts, side by side or stacked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tf_transformer.plots.drawing import COLOURS, FAINT, INK, dress, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LEAST, _WIDTH, _HEIGHT = 4.2, 0.28, 3.6  # inches: least width of a panel, of a bar; height
_LETTER = 0.1  # inches of a title's letter
_LONG = 30  # with more letters in all names together, names are turned


def bar_figure(
    panels: Mapping[str, Mapping[str, Sequence[float]] | Sequence[float]],
    *,
    names: Sequence[str] = (),
    x: str = "",
    y: str = "",
) -> Figure:
    """Draw bars, in panels side by side with one scale.

    Args:
        panels: for each panel by title, the heights of the bars. Heights in a mapping are stacked,
            the first at the bottom, and a legend names them.
        names: names of the bars. Defaults to their numbers.
        x: title of the bars. Defaults to none.
        y: title of the heights. Defaults to none.

    Returns:
        The figure: see `Gallery`.

    Example:
        ```python
        import tf_transformer as tft

        weights = {"encoder": [3, 4], "decoder": [3, 1]}
        figure = tft.plots.bar_figure({"As large": weights}, names=["deep", "deeper"], y="weights")
        len(figure.axes[0].patches)  # 4
        ```
    """
    stacks = {
        title: {name: np.asarray(values, float) for name, values in heights.items()}
        if isinstance(heights, Mapping)
        else {"": np.asarray(heights, float)}
        for title, heights in panels.items()
    }
    count = max(len(values) for heights in stacks.values() for values in heights.values())
    width = max(_LEAST, 1 + _WIDTH * count, _LETTER * max(map(len, stacks)))
    figure = new_figure(len(stacks) * width, _HEIGHT)
    axes_of = figure.subplots(1, len(stacks), squeeze=False, sharey=True)[0]
    for axes, (title, heights) in zip(axes_of, stacks.items(), strict=True):
        _draw_stacks(dress(axes, title, x, y), heights, names)
        axes.label_outer()
    lines, labels = axes.get_legend_handles_labels()
    if labels:
        place = {"loc": "outside lower center", "ncols": len(labels), "frameon": False}
        figure.legend(lines, labels, labelcolor=INK, **place)
    return figure


def _draw_stacks(axes: Axes, heights: Mapping[str, np.ndarray], names: Sequence[str]) -> None:
    """Draw stacked bars."""
    bottom = np.zeros(1)
    for (name, values), colour in zip(heights.items(), COLOURS, strict=False):
        axes.bar(range(len(values)), values, 0.7, bottom, color=colour, label=name)
        bottom = bottom + values
    axes.grid(axis="x", visible=False)
    axes.axhline(0, color=FAINT, linewidth=0.8)
    if names:
        upright = 90 if len("".join(map(str, names))) > _LONG else 0
        axes.set_xticks(range(len(names)), [str(name) for name in names], rotation=upright)
