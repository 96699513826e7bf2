"""The common look of all figures: light, legible, and clear to the colour-blind."""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tf_transformer.files import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

INK, FAINT, PAPER = "#30343b", "#c9ced6", "#ffffff"

# After Okabe and Ito, which the colour-blind can tell apart; darker, to be legible as letters too.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#a05195", "#7f6000", "#000000", "#3a94cf", "#c07f00")

FONT = "DejaVu Sans"  # comes with Matplotlib; has accents, Greek, Cyrillic and ▁

_STYLES = ("-", "--", ":", "-.")

MOST_PIXELS = 2000  # of a figure's height: more does not fit on a screen
_DOTS_PER_INCH = 150
_PADDING = 0.15  # inches around a figure

SHADES, SIGNED = "Blues", "RdBu_r"  # colour maps for amounts, and for signed values


def new_figure(width: float, height: float) -> Figure:
    """Return a new figure, which belongs to no window.

    Args:
        width: width in inches.
        height: height in inches.
    """
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained", facecolor=PAPER)


def dress(axes: Axes, title: str = "", x: str = "", y: str = "") -> Axes:
    """Give axes a title, axis titles, and the common look of all figures.

    Args:
        axes: the axes.
        title: title above them. Defaults to none.
        x: title of the horizontal axis. Defaults to none.
        y: title of the vertical axis. Defaults to none.

    Returns:
        The axes.
    """
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
    values: np.ndarray,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    title: str = "",
    numbers: str = "",
    **options: Any,
) -> AxesImage:
    """Draw a matrix, with names of its rows and columns.

    Args:
        axes: where to draw.
        values: float `(rows, columns)`.
        rows: names of the rows. Defaults to none.
        columns: names of the columns. Defaults to none.
        title: title above the matrix. Defaults to none.
        numbers: a format such as `".2f"` for writing each value into its cell. Defaults to none.
        options: options of Matplotlib's `imshow`, such as `cmap` and `vmax`.

    Returns:
        The image, for a colour bar.
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
        _write_numbers(image, np.asarray(values), numbers)
    return image


def _write_numbers(image: AxesImage, values: np.ndarray, form: str) -> None:
    """Write each value of an image into its cell, dark on light and light on dark."""
    for (row, column), value in np.ndenumerate(values):
        red, green, blue, _ = image.cmap(image.norm(value))
        is_dark = 0.3 * red + 0.59 * green + 0.11 * blue < 0.5
        image.axes.text(
            column,
            row,
            format(value, form),
            ha="center",
            va="center",
            fontsize=9,
            color=PAPER if is_dark else INK,
        )


def line_looks(count: int) -> list[dict[str, str]]:
    """Return distinct looks of lines: different colours first, then different styles too.

    Args:
        count: number of lines; at most 32 look different.
    """
    looks = itertools.cycle(itertools.product(_STYLES, COLOURS))
    return [
        {"color": colour, "linestyle": style} for style, colour in itertools.islice(looks, count)
    ]


def cut(text: str, most: int) -> str:
    """Return a text of at most this many characters; a text that is cut ends with "…"."""
    return text if len(text) <= most else text[: most - 1] + "…"


def drawable(text: str) -> str:
    """Return a text with □ in place of characters for which Matplotlib's font has no glyph."""
    return readable(text, glyphs(FONT))


def readable(text: str, known: frozenset[int]) -> str:
    """Return a text with □ in place of characters that are not in `known` or not printable.

    Args:
        text: any text.
        known: code points that can be drawn.
    """
    return "".join(c if ord(c) in known and c.isprintable() else "□" for c in text)


@functools.cache
def glyphs(font_name: str) -> frozenset[int]:
    """Return the code points for which a font has a glyph."""
    from matplotlib import font_manager

    path = font_manager.findfont(font_manager.FontProperties(family=[font_name]))
    return frozenset(font_manager.get_font(path).get_charmap())


def fonts_for(text: str, first: str = FONT) -> list[str]:
    """Return the name of a font, followed by installed ones for characters that it lacks.

    Args:
        text: any text.
        first: name of an installed font. Defaults to `FONT`.
    """
    from matplotlib.font_manager import fontManager

    names, missing = [first], set(map(ord, text)) - glyphs(first)
    for font in fontManager.ttflist if missing else ():
        plain = font.style == "normal" and font.weight in (400, "normal", "regular")
        found = missing & glyphs(font.name) if plain else set()
        if found and not font.name.startswith("Last Resort"):  # whose glyphs tell no more than □
            names.append(font.name)
            missing -= found
    return names


def save_png(figure: Figure, path: str | os.PathLike) -> None:
    """Write a figure as a PNG file at most `MOST_PIXELS` high, completely or not at all."""
    height = figure.get_figheight() + 2 * _PADDING
    dots_per_inch = min(_DOTS_PER_INCH, MOST_PIXELS / height)
    with replacing(path) as temporary:
        figure.savefig(
            temporary, format="png", dpi=dots_per_inch, bbox_inches="tight", pad_inches=_PADDING
        )
