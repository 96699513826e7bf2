"""Matrices side by side: encodings, masks, weights."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tf_transformer.plots.drawing import (
    INK,
    SHADES,
    SIGNED,
    dress,
    heat_map,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDTH, _HEIGHT = 4.2, 3.8  # inches of one matrix
_LETTER = 0.08  # inches of a letter in a column's name
_MOST = 4  # matrices in a line; if there are more, each has …
_SMALLER = 0.65  # … this share of the width and the height


def matrix_figure(
    matrices: Mapping[str, np.ndarray],
    *,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    numbers: str = "",
    x: str = "",
    y: str = "",
    title: str = "",
) -> Figure:
    """Draw matrices side by side, with one colour scale and a bar that explains it.

    More than four are drawn in several lines.

    Args:
        matrices: for each matrix by title, float or bool `(rows, columns)`.
        rows: names of the rows. Defaults to none.
        columns: names of the columns. Defaults to none.
        numbers: a format such as `".2f"` for writing each value into its cell. Defaults to none.
        x: title of the columns. Defaults to none.
        y: title of the rows. Defaults to none.
        title: title of the picture. Defaults to none.

    Returns:
        The figure: see `Gallery`.

    Example:
        ```python
        import numpy as np
        import tf_transformer as tft

        masks = {"causal": np.tri(5), "all": np.ones((5, 5))}
        figure = tft.plots.matrix_figure(masks, x="looks at", y="position")
        len(figure.axes)  # 3
        ```
    """
    values = {title: np.asarray(matrix, float) for title, matrix in matrices.items()}
    least = min(matrix.min() for matrix in values.values())
    most = max(np.abs(matrix).max() for matrix in values.values())
    scale = {"cmap": SIGNED, "vmin": -most} if least < 0 else {"cmap": SHADES, "vmin": 0}
    lines = math.ceil(len(values) / _MOST)
    in_line = math.ceil(len(values) / lines)
    size = 1 if lines == 1 else _SMALLER
    names = _LETTER * max(map(len, columns), default=0)
    figure = new_figure(size * _WIDTH * in_line + 0.8, size * _HEIGHT * lines + names)
    figure.suptitle(title, color=INK, fontsize=12)
    panels = figure.subplots(lines, in_line, squeeze=False)
    for axes, (name, matrix) in zip(panels.flat, values.items(), strict=False):
        image = heat_map(axes, matrix, rows, columns, numbers=numbers, vmax=most, **scale)
        dress(axes, name, x, y).grid(False)
        if not rows and not columns:
            axes.set(xticks=_ticks(matrix.shape[1]), yticks=_ticks(matrix.shape[0]))
        axes.label_outer(remove_inner_ticks=True)
    for axes in panels.flat[len(values) :]:
        axes.remove()
    bar = figure.colorbar(image, ax=figure.axes, fraction=0.05, pad=0.02)
    bar.outline.set_visible(False)
    bar.ax.tick_params(colors=INK, labelsize=9, length=3)
    return figure


def _ticks(count: int) -> range:
    """Return at most ten round numbers to write along the rows or columns."""
    steps = (size * 10**power for power in itertools.count() for size in (1, 2, 5))
    return range(0, count, next(step for step in steps if 10 * step >= count))
