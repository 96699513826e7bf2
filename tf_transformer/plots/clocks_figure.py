"""Pairs of features as the hands of clocks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tf_transformer.plots.drawing import COLOURS, FAINT, INK, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def clocks_figure(rates: Sequence[float], count: int = 8, title: str = "") -> Figure:
    """Draw the positions of a text as hands of clocks.

    Both sinusoidal and rotary positions move each pair of features on a circle, at its own rate.

    Args:
        rates: rates of the clocks, in radians per position.
        count: number of positions to show. Defaults to 8.
        title: title of the picture. Defaults to none.

    Returns:
        The figure: see `Gallery`.

    Example:
        ```python
        import tf_transformer as tft

        figure = tft.plots.clocks_figure([0.8, 0.4, 0.2])
        len(figure.axes)  # 3
        ```
    """
    figure = new_figure(3.6 * len(rates), 4)
    panels = figure.subplots(1, len(rates), squeeze=False)[0]
    for number, (axes, rate) in enumerate(zip(panels, rates, strict=True)):
        _draw_clock(axes, rate, count, COLOURS[number % len(COLOURS)])
    figure.suptitle(title, color=INK, fontsize=12)
    return figure


def _draw_clock(axes: Axes, rate: float, count: int, colour: str) -> None:
    """Draw a hand for each position, with the position's number at its end."""
    circle = np.linspace(0, 2 * math.pi, 100)
    axes.plot(np.cos(circle), np.sin(circle), color=FAINT, linewidth=1)
    for position in range(count):
        x, y = math.cos(rate * position), math.sin(rate * position)
        axes.plot([0, x], [0, y], color=colour, alpha=0.35, linewidth=1)
        axes.plot(x, y, "o", color=colour, markersize=15)
        axes.text(x, y, position, color="white", ha="center", va="center_baseline", fontsize=9)
    axes.set(aspect="equal", xlim=(-1.25, 1.25), ylim=(-1.25, 1.25), xticks=[], yticks=[])
    axes.set_xlabel(f"{rate:.3g} rad a position", color=INK, fontsize=10)
    axes.spines[:].set_visible(False)
