"""A figure of texts with their words coloured by what they add to a classifier's answer."""

from __future__ import annotations

import itertools
import os
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tf_transformer.errors import counted
from tf_transformer.evaluation.attribution import Attribution
from tf_transformer.plots.coloured_words import COLOURS, ColouredWord, coloured_texts
from tf_transformer.plots.drawing import INK, MOST_PIXELS, fonts_for, glyphs, readable, save_png

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    _Block = tuple[str, list[list[ColouredWord]]]  # a caption and the lines above it

# Matplotlib is imported inside the function: loading it takes a second, and only figures need it.

_FAINT = "#8a919c"
_COLUMNS, _FONT_SIZE = 78, 11  # characters of a line, points
_WIDTH, _HEIGHT = 0.62 * _FONT_SIZE / 72, 1.9 * _FONT_SIZE / 72  # of a character, in inches
_FONT = "DejaVu Sans Mono"
_MOST_ROWS = int(MOST_PIXELS / 150 / _HEIGHT) - 2  # only the page shows more
_MOST_LINES = 8  # of a text
_FIRST_ROW = 3  # below title and legend


def attribution_figure(
    attributions: Sequence[Attribution], classes: Sequence[str], title: str
) -> Figure:
    """Draw texts with their words coloured by what they add and, below, by attention.

    Args:
        attributions: attributions of some texts. Texts that do not fit on a picture of moderate
            height are only counted.
        classes: names of the classes.
        title: title of the figure.

    Returns:
        A Matplotlib figure, which belongs to no window and needs no screen.

    Example:
        ```python
        import numpy as np
        import tf_transformer as tft

        words, shares, attention = ["not", " good"], np.array([2.0, -0.5]), np.array([0.6, 0.3])
        found = tft.evaluation.Attribution(words, shares, attention, label=0, probability=0.9)
        figure = tft.plots.attribution_figure([found], ["bad", "good"], "What the words add")
        figure.savefig("words.png")
        ```
    """
    from matplotlib.figure import Figure

    texts = [
        [(text.caption, _lines(text.words)) for text in both]
        for both in coloured_texts(attributions, classes)
    ]
    shown = _as_many_as_fit(texts)
    rows = _FIRST_ROW + sum(map(_rows, shown)) + (len(shown) < len(texts))
    figure = Figure(figsize=(_WIDTH * (_COLUMNS + 2), _HEIGHT * rows))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(-1, _COLUMNS + 1), ylim=(rows, 0))
    axes.axis("off")
    letters = "".join(
        word.text for both in texts for _, lines in both for line in lines for word in line
    )
    font = {"family": fonts_for(letters + title, _FONT), "va": "center", "parse_math": False}
    title = readable(title, _known(font["family"]))
    axes.text(0, 1, title, color=INK, fontsize=_FONT_SIZE + 2, weight="bold", **font)
    _draw_legend(axes, 2.2)
    row = _FIRST_ROW + 0.5
    for caption, lines in (block for both in shown for block in both):
        for line in lines:
            _draw_line(axes, row, line, font)
            row += 1
        axes.text(0, row, caption, color=_FAINT, fontsize=_FONT_SIZE - 2, va="center")
        row += 2
    if len(shown) < len(texts):
        more = f"… and {counted(len(texts) - len(shown), 'more text')}"
        axes.text(0, row, more, color=_FAINT, fontsize=_FONT_SIZE - 2, va="center")
    return figure


def save_attribution_figure(
    path: str | os.PathLike,
    attributions: Sequence[Attribution],
    classes: Sequence[str],
    title: str,
) -> None:
    """Write `attribution_figure` to a PNG file, completely or not at all.

    Args:
        path: path of the file.
        attributions: attributions of some texts.
        classes: names of the classes.
        title: title of the figure.
    """
    save_png(attribution_figure(attributions, classes, title), path)


def _known(families: Sequence[str]) -> frozenset[int]:
    """Return the code points for which one of the fonts has a glyph."""
    return frozenset().union(*map(glyphs, families))


def _as_many_as_fit(texts: Sequence[Sequence[_Block]]) -> Sequence[Sequence[_Block]]:
    """Return the first texts, as many as fit on a picture of moderate height."""
    ends = itertools.accumulate(map(_rows, texts), initial=_FIRST_ROW)
    return texts[: sum(end <= _MOST_ROWS for end in ends) - 1]


def _rows(blocks: Sequence[_Block]) -> int:
    return sum(len(lines) + 2 for _, lines in blocks)


def _draw_legend(axes: Axes, row: float) -> None:
    """Explain the colours."""
    column = 0
    for name, colour in COLOURS.items():
        shade = [part / 255 for part in colour]
        axes.fill_between([column, column + 2], row - 0.3, row + 0.3, color=shade, alpha=0.75, lw=0)
        axes.text(column + 3, row, name, color=INK, fontsize=_FONT_SIZE - 2, va="center")
        column += 5 + len(name)


def _draw_line(
    axes: Axes, row: float, line: Sequence[ColouredWord], font: Mapping[str, Any]
) -> None:
    known, column = _known(font["family"]), 0
    for word in line:
        end = column + _width(word.text)
        colour = (*(part / 255 for part in word.colour), word.opacity)
        axes.fill_between([column, end], row - 0.42, row + 0.42, color=colour, linewidth=0)
        axes.text(column, row, readable(word.text, known), color=INK, fontsize=_FONT_SIZE, **font)
        column = end


def _lines(words: Sequence[ColouredWord]) -> list[list[ColouredWord]]:
    """Divide a text's words into lines of a figure; the last line may tell that there is more."""
    lines, column = [[]], 0
    for word in words:
        for text in _pieces(word.text.replace("\n", " ")):
            if column + _width(text) > _COLUMNS:
                lines.append([])
                column, text = 0, text.lstrip(" ")
            lines[-1].append(word._replace(text=text))
            column += _width(text)
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], [ColouredWord("…", (0, 0, 0), 0.0, "")]]
    return lines


def _pieces(text: str) -> list[str]:
    """Cut a text that is longer than a line."""
    most = _COLUMNS // 2 if _width(text) > len(text) else _COLUMNS
    return [text[i : i + most] for i in range(0, len(text), most)]


def _width(text: str) -> int:
    """Return the columns that a text takes: letters of East Asian scripts are twice as wide."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
