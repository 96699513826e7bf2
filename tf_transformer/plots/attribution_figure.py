"""A figure of texts with their words coloured by what they add to a classifier's answer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tf_transformer.evaluation.attribution import Attribution
from tf_transformer.files import replacing
from tf_transformer.plots.coloured_words import ColouredWord, coloured_texts
from tf_transformer.plots.drawing import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Matplotlib is imported inside the function: loading it takes a second, and only figures need it.

_FAINT = "#8a919c"
_COLUMNS, _FONT_SIZE = 78, 11  # characters of a line, points
_FONT = {"family": "DejaVu Sans Mono", "va": "center", "parse_math": False}


def save_attribution_figure(
    path: str | os.PathLike,
    attributions: Sequence[Attribution],
    classes: Sequence[str],
    title: str,
) -> None:
    """Write a PNG file, whole or not at all.

    Args:
        path: of the file.
        attributions: of some texts.
        classes: names of the classes.
        title: above them.
    """
    from matplotlib.figure import Figure

    blocks = [
        (text.caption, _lines(text.words))
        for texts in coloured_texts(attributions, classes)
        for text in texts
    ]
    rows = 2 + sum(len(lines) + 2 for _, lines in blocks)
    width, height = 0.62 * _FONT_SIZE / 72, 1.9 * _FONT_SIZE / 72  # of a character, in inches
    figure = Figure(figsize=(width * (_COLUMNS + 2), height * rows))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(-1, _COLUMNS + 1), ylim=(rows, 0))
    axes.axis("off")
    axes.text(0, 1, title, va="center", color=INK, fontsize=_FONT_SIZE + 2, weight="bold")
    row = 2.5
    for caption, lines in blocks:
        for line in lines:
            _draw_line(axes, row, line)
            row += 1
        axes.text(0, row, caption, color=_FAINT, fontsize=_FONT_SIZE - 2, va="center")
        row += 2
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=150)


def _draw_line(axes: Axes, row: float, line: Sequence[ColouredWord]) -> None:
    column = 0
    for word in line:
        end = column + len(word.text)
        colour = (*(part / 255 for part in word.colour), word.opacity)
        axes.fill_between([column, end], row - 0.42, row + 0.42, color=colour, linewidth=0)
        axes.text(column, row, word.text, color=INK, fontsize=_FONT_SIZE, **_FONT)
        column = end


def _lines(words: Sequence[ColouredWord]) -> list[list[ColouredWord]]:
    """Divide a text's words into lines of a figure."""
    lines, column = [[]], 0
    for word in words:
        text = word.text.replace("\n", " ")[:_COLUMNS]
        if column + len(text) > _COLUMNS:
            lines.append([])
            column, text = 0, text.lstrip(" ")
        lines[-1].append(word._replace(text=text))
        column += len(text)
    return lines
