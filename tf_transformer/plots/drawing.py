"""One look for all figures: light, legible, and told apart by the colour-blind too."""

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

# After Okabe and Ito, whose differences all eyes see; darker, to be legible as letters too.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#a05195", "#7f6000", "#000000", "#3a94cf", "#c07f00")

FONT = "DejaVu Sans"  # comes with Matplotlib; has accents, Greek, Cyrillic and ▁

_STYLES = ("-", "--", ":", "-.")

MOST_PIXELS = 2000  # of a figure's height: more is not seen at once
_DOTS_PER_INCH = 150
_PADDING = 0.15  # inches around a figure

SHADES, SIGNED = "Blues", "RdBu_r"  # colour maps: of amounts, and of what is below and above zero


def new_figure(width: float, height: float) -> Figure:
    """Return a new figure, which belongs to no window.

    Args:
        width: in inches.
        height: in inches.
    """
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained", facecolor=PAPER)


def dress(axes: Axes, title: str = "", x: str = "", y: str = "") -> Axes:
    """Give axes their title, the names of what they show, and the look of all figures.

    Args:
        axes: to dress.
        title: above them. Defaults to none.
        x: name of what is to the right. Defaults to none.
        y: name of what is upwards. Defaults to none.

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
        rows: names. Defaults to none.
        columns: names. Defaults to none.
        title: above the matrix. Defaults to none.
        numbers: a format such as `".2f"`, to write each value into its cell. Defaults to none.
        options: of Matplotlib's `imshow`, such as `cmap` and `vmax`.

    Returns:
        The image, which a colour bar can be made of.
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
    """Return so many looks of lines, which are told apart: colours, and then styles too.

    Args:
        count: number of lines, at most 32 that differ.
    """
    looks = itertools.cycle(itertools.product(_STYLES, COLOURS))
    return [
        {"color": colour, "linestyle": style} for style, colour in itertools.islice(looks, count)
    ]


def cut(text: str, most: int) -> str:
    """Return a text of so many characters at most, with "…" at the end of one that is cut."""
    return text if len(text) <= most else text[: most - 1] + "…"


def drawable(text: str) -> str:
    """Return a text with □ in place of what Matplotlib's own font has no glyph for."""
    return readable(text, glyphs(FONT))


def readable(text: str, known: frozenset[int]) -> str:
    """Return a text with □ in place of what is not in `known`, or is not printable.

    Args:
        text: of any characters.
        known: code points that can be drawn.
    """
    return "".join(c if ord(c) in known and c.isprintable() else "□" for c in text)


@functools.cache
def glyphs(font_name: str) -> frozenset[int]:
    """Return the code points that a font has glyphs for."""
    from matplotlib import font_manager

    path = font_manager.findfont(font_manager.FontProperties(family=[font_name]))
    return frozenset(font_manager.get_font(path).get_charmap())


def fonts_for(text: str, first: str = FONT) -> list[str]:
    """Return the name of a font, and of installed ones for the characters that it lacks.

    Args:
        text: of any characters.
        first: name of a font that is there. Defaults to `FONT`.
    """
    from matplotlib.font_manager import fontManager

    names, missing = [first], set(map(ord, text)) - glyphs(first)
    for font in fontManager.ttflist if missing else ():
        plain = font.style == "normal" and font.weight in (400, "normal", "regular")
        found = missing & glyphs(font.name) if plain else set()
        if found and not font.name.startswith("Last Resort"):  # whose glyphs say no more than □
            names.append(font.name)
            missing -= found
    return names


def save_png(figure: Figure, path: str | os.PathLike) -> None:
    """Write a figure as a PNG file, whole or not at all, of `MOST_PIXELS` in height at most."""
    height = figure.get_figheight() + 2 * _PADDING
    dots_per_inch = min(_DOTS_PER_INCH, MOST_PIXELS / height)
    with replacing(path) as temporary:
        figure.savefig(
            temporary, format="png", dpi=dots_per_inch, bbox_inches="tight", pad_inches=_PADDING
        )
