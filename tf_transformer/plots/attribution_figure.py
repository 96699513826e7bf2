"""Texts with their words coloured by what they add to a classifier's answer: a picture, a page."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np

from tf_transformer.evaluation.attribution import Attribution
from tf_transformer.files import replacing, write_text

# Matplotlib is imported inside the function: loading it takes a second, and pages do without it.

_FOR, _AGAINST = (31, 119, 180), (214, 96, 20)  # blue and orange, which all eyes tell apart
_LOOKED_AT = (110, 110, 110)
_INK, _FAINT = "#30343b", "#8a919c"
_COLUMNS, _FONT_SIZE = 78, 11  # characters of a line, points

_PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 17px/2 system-ui, sans-serif; }}
body {{ max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.4rem; line-height: 1.3; }}
figure {{ margin: 1.2rem 0; }}
figcaption {{ font-size: .8rem; line-height: 1.5; opacity: .7; }}
span {{ border-radius: .25em; padding: .12em .05em; white-space: pre-wrap; }}
</style>
<h1>{title}</h1>
<p>Blue words speak for the answer, orange ones against it: the stronger, the more its log-odds fall
or rise when the word is hidden. Below, grey, is where attention leads, through all layers, which is
another matter. Hold the pointer over a word for its figure.</p>
{figures}
</html>
"""


def save_attribution_page(
    path, attributions: Sequence[Attribution], classes: Sequence[str], title: str
) -> None:
    """Write a web page that needs nothing but itself, whole or not at all.

    Args:
        path: of the HTML file.
        attributions: of some texts.
        classes: names of the classes.
        title: of the page.
    """
    figures = "\n".join(
        "<figure>"
        + "".join(
            f"<div>{_spans(coat)}</div><figcaption>{html.escape(caption)}</figcaption>"
            for caption, coat in coats
        )
        + "</figure>"
        for coats in _coats(attributions, classes)
    )
    write_text(path, _PAGE.format(title=html.escape(title), figures=figures))


def save_attribution_figure(
    path, attributions: Sequence[Attribution], classes: Sequence[str], title: str
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
        (caption, _lines(coat))
        for coats in _coats(attributions, classes)
        for caption, coat in coats
    ]
    rows = 2 + sum(len(lines) + 2 for _, lines in blocks)
    width, height = 0.62 * _FONT_SIZE / 72, 1.9 * _FONT_SIZE / 72  # of a character, in inches
    figure = Figure(figsize=(width * (_COLUMNS + 2), height * rows))
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set(xlim=(-1, _COLUMNS + 1), ylim=(rows, 0))
    axis.axis("off")
    axis.text(0, 1, title, va="center", color=_INK, fontsize=_FONT_SIZE + 2, weight="bold")
    font = {"family": "DejaVu Sans Mono", "va": "center", "parse_math": False}
    row = 2.5
    for caption, lines in blocks:
        for line in lines:
            column = 0
            for word, (red, green, blue, alpha), _ in line:
                axis.fill_between(
                    [column, column + len(word)],
                    row - 0.42,
                    row + 0.42,
                    color=(red / 255, green / 255, blue / 255, alpha),
                    linewidth=0,
                )
                axis.text(column, row, word, color=_INK, fontsize=_FONT_SIZE, **font)
                column += len(word)
            row += 1
        axis.text(0, row, caption, color=_FAINT, fontsize=_FONT_SIZE - 2, va="center")
        row += 2
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=150)


def _coats(attributions, classes):
    """Return how each text is coloured, twice: by what its words add, and by attention.

    Each is a caption and words as of `_coat`.
    """
    strongest = max((np.abs(each.shares).max(initial=1e-9) for each in attributions), default=1)
    return [
        [
            (
                f"{classes[each.label]}, {each.probability:.1%}",
                _coat(each.words, each.shares / strongest, each.shares, "{:+.2f}"),
            ),
            (
                "attention",
                _coat(
                    each.words,
                    each.attention / each.attention.max(initial=1e-9),
                    each.attention,
                    "{:.1%}",
                    colour=_LOOKED_AT,
                ),
            ),
        ]
        for each in attributions
    ]


def _coat(words, strengths, values, form, colour=None):
    """Return for each word the word, its colour, and its value in words.

    A colour is red, green, blue (0 to 255) and how opaque it is (0 to 1).
    """
    return [
        (
            word,
            (*(colour or (_FOR if strength > 0 else _AGAINST)), 0.75 * abs(strength)),
            form.format(value),
        )
        for word, strength, value in zip(words, strengths, values, strict=True)
    ]


def _spans(coat):
    spans = []
    for word, (red, green, blue, alpha), figure in coat:
        style = f"background: rgba({red}, {green}, {blue}, {alpha:.2f})"
        space, word = (" ", word[1:]) if word.startswith(" ") else ("", word)
        spans.append(f'{space}<span style="{style}" title="{figure}">{html.escape(word)}</span>')
    return "".join(spans)


def _lines(coat):
    """Divide a text's words, each with its colour, into lines of a picture."""
    lines, column = [[]], 0
    for word, colour, figure in coat:
        word = " ".join(word.replace("\n", " ").split(" "))[:_COLUMNS]
        if column + len(word) > _COLUMNS:
            lines.append([])
            column, word = 0, word.lstrip(" ")
        lines[-1].append((word, colour, figure))
        column += len(word)
    return lines
