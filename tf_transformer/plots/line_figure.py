"""Curves in one picture: losses, rates, scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tf_transformer.plots.drawing import INK, dress, line_looks, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_MARKS = 12  # points of a curve that are marked


def line_figure(
    curves: Mapping[str, Sequence[float]],
    title: str = "",
    x: str = "",
    y: str = "",
    first: int = 1,
    log: bool = False,
    at: Sequence[object] = (),
) -> Figure:
    """Draw curves in one picture. The first is wider where another one covers it.

    Args:
        curves: for each curve by name, its heights at `first`, `first + 1`, …
        title: title of the picture. Defaults to none.
        x: title of the horizontal axis. Defaults to none.
        y: title of the vertical axis. Defaults to none.
        first: where the curves begin. Defaults to 1.
        log: whether the vertical axis is logarithmic. Defaults to `False`.
        at: names for the points on the horizontal axis, in place of numbers. Defaults to none.

    Returns:
        The figure: see `Gallery`.

    Example:
        ```python
        import tf_transformer as tft

        figure = tft.plots.line_figure({"loss": [3.1, 2.2, 1.9]}, "It learns", "epoch", "loss")
        figure.axes[0].get_title(loc="left")  # 'It learns'
        ```
    """
    figure = new_figure(7 if len(curves) == 1 else 9, 3.6)
    axes = dress(figure.subplots(), title, x, y)
    draw_curves(axes, curves, first, log, at)
    if len(curves) > 1:
        figure.legend(loc="outside right upper", frameon=False, labelcolor=INK, fontsize=9)
    return figure


def draw_curves(
    axes: Axes,
    curves: Mapping[str, Sequence[float]],
    first: int = 1,
    log: bool = False,
    at: Sequence[object] = (),
) -> None:
    """Draw curves on axes, as `line_figure` does, with a label for each.

    Args:
        axes: where to draw.
        curves: the heights of each curve, by name.
        first: where the curves begin. Defaults to 1.
        log: whether the vertical axis is logarithmic. Defaults to `False`.
        at: names for the points on the horizontal axis. Defaults to none.
    """
    from matplotlib.ticker import MaxNLocator

    heights, *others = curves.values()
    is_covered = any(np.array_equal(heights, each) for each in others)
    widths = [4.0 if is_covered else 1.6, *(len(others) * [1.6])]
    looks = zip(line_looks(len(curves)), widths, curves.items(), strict=True)
    for look, width, (name, heights) in looks:
        places = np.arange(first, first + len(heights))
        marker = "o" if len(heights) <= _MOST_MARKS else ""
        axes.plot(places, heights, label=name, linewidth=width, marker=marker, markersize=4, **look)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    if at:
        axes.set_xticks(range(first, first + len(at)), [str(name) for name in at])
    if log:
        axes.set_yscale("log")
