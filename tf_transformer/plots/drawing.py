"""One look for all pictures: light, legible, and told apart by the colour-blind too."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tf_transformer.files import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, FAINT, PAPER = "#30343b", "#c9ced6", "#ffffff"

# After Okabe and Ito, whose differences all eyes see; darker, to be legible as letters too.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#a05195", "#7f6000", "#000000", "#3a94cf", "#c07f00")

SHADES, SIGNED = "Blues", "RdBu_r"  # colour maps: of amounts, and of what is below and above zero


def new_figure(width: float, height: float) -> Figure:
    """Makes a figure that belongs to no window.

    Args:
        width: In inches.
        height: Likewise.
    """
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained", facecolor=PAPER)


def dress(axes: Axes, title: str = "", x: str = "", y: str = "") -> Axes:
    """Gives axes their title, the names of what they show, and the look of all pictures."""
    axes.set_title(title, color=INK, fontsize=11, loc="left")
    axes.set_xlabel(x, color=INK, fontsize=10)
    axes.set_ylabel(y, color=INK, fontsize=10)
    axes.tick_params(colors=INK, labelsize=9, length=3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.grid(color=FAINT, alpha=0.4, linewidth=0.6)
    axes.set_axisbelow(True)
    return axes


def heat_map(
    axes: Axes,
    values,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    title: str = "",
    numbers: str = "",
    **options,
):
    """Draws a matrix, with names of its rows and columns.

    Args:
        axes: Where.
        values: `(rows, columns)`.
        rows: Names. Defaults to none.
        columns: Names. Defaults to none.
        title: Defaults to none.
        numbers: A format such as `".2f"` to write each value into its cell. Defaults to none.
        options: Of Matplotlib's `imshow`, such as `cmap` and `vmax`.

    Returns:
        The image, to make a colour bar of.
    """
    options = {"cmap": SHADES, "interpolation": "nearest"} | options
    image = axes.imshow(values, **options)
    axes.set_title(title, color=INK, fontsize=10)
    vertical = 90 if max(map(len, columns), default=0) > 3 else 0
    axes.set(xticks=[], yticks=[])
    if columns:
        axes.set_xticks(range(len(columns)), columns, rotation=vertical, fontsize=9, color=INK)
    if rows:
        axes.set_yticks(range(len(rows)), rows, fontsize=9, color=INK)
    axes.tick_params(length=0, pad=3)
    axes.spines[:].set(color=FAINT, linewidth=0.6)
    if numbers:
        for (row, column), value in _cells(values):
            red, green, blue, _ = image.cmap(image.norm(value))
            dark = 0.3 * red + 0.59 * green + 0.11 * blue < 0.5
            axes.text(
                column,
                row,
                format(value, numbers),
                ha="center",
                va="center",
                fontsize=9,
                color=PAPER if dark else INK,
            )
    return image


def _cells(values):
    import numpy as np

    return np.ndenumerate(np.asarray(values))


def drawable(text: str) -> str:
    """Puts □ in place of what Matplotlib's own font has no glyph for."""
    from matplotlib import font_manager

    font = font_manager.findfont(font_manager.FontProperties(family=["DejaVu Sans"]))
    known = font_manager.get_font(font).get_charmap()
    return "".join(c if ord(c) in known and c.isprintable() else "□" for c in text)


def save_png(figure: Figure, path: str | os.PathLike) -> None:
    """Writes a figure as a PNG file, whole or not at all."""
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=150, bbox_inches="tight", pad_inches=0.15)
