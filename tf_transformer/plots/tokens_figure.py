"""Texts as blocks, one for each token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tf_transformer.errors import counted
from tf_transformer.plots.drawing import COLOURS, FONT, INK, PAPER, drawable, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# All in inches.
_LETTER = 0.115  # width of a letter in a monospaced font
_GAP = 0.09  # between two blocks, and around their text
_LEFT, _RIGHT = 1.5, 12.0  # where blocks begin and end
_LINE, _BLOCK, _HEADING = 0.36, 0.24, 0.55


def tokens_figure(
    texts: Mapping[str, Mapping[str, Sequence[str]]], title: str = "", unknown: str = "[UNK]"
) -> Figure:
    """Draw texts as rows of blocks, one for each token, to compare ways to split a text.

    The number of tokens follows each row. A row that is too long ends with "…".

    Args:
        texts: for each text, and for each way to split it by name, the tokens.
        title: title of the picture. Defaults to none.
        unknown: the token for what is not in a vocabulary; its blocks are hatched. Defaults to
            `"[UNK]"`.

    Returns:
        The figure: see `Gallery`.

    Example:
        ```python
        import tf_transformer as tft

        ways = {"words": ["the", "cat"], "characters": [*"the cat"]}
        figure = tft.plots.tokens_figure({"the cat": ways})
        len(figure.axes[0].patches)  # 9
        ```
    """
    rows = [tokens for ways in texts.values() for tokens in ways.values()]
    has_unknown = any(unknown in tokens for tokens in rows)
    width = min(_RIGHT, max(_LEFT + sum(map(_width, tokens)) for tokens in rows)) + 1.1
    height = _LINE * len(rows) + _HEADING * len(texts) + 0.5 * bool(title) + 0.4 * has_unknown
    figure = new_figure(width, height)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    axes.text(0.1, 0.2, title, fontsize=12, color=INK, va="center")
    y = 0.5 * bool(title)
    for text, ways in texts.items():
        axes.text(0.1, y + 0.3, drawable(text), fontsize=13, color=INK, va="center", **_PLAIN)
        y += _HEADING
        for name, tokens in ways.items():
            _draw_row(axes, y + _LINE / 2, name, tokens, unknown)
            y += _LINE
    if has_unknown:
        _draw_block(axes, _LEFT, y + 0.2, unknown, COLOURS[1], is_unknown=True)
        words = "not in the vocabulary: what it was is lost"
        x = _LEFT + _width(unknown) + _GAP
        axes.text(x, y + 0.2, words, fontsize=10, color=INK, va="center")
    return figure


_PLAIN = {"parse_math": False}  # a dollar sign is just a dollar sign


def _width(token: str) -> float:
    """Return the width of a token's block, with the gap after it."""
    return _LETTER * max(len(token), 1) + _GAP


def _draw_row(axes: Axes, y: float, name: str, tokens: Sequence[str], unknown: str) -> None:
    """Draw one way to split a text."""
    axes.text(_LEFT - _GAP, y, name, ha="right", va="center", fontsize=10, color=INK)
    x = _LEFT
    for number, token in enumerate(tokens):
        if x + _width(token) > _RIGHT:
            axes.text(x, y, "…", va="center", fontsize=10, color=INK)
            x += 2 * _LETTER
            break
        _draw_block(axes, x, y, token, COLOURS[number % 2 * 2], token == unknown)
        x += _width(token)
    count = counted(len(tokens), "token")
    axes.text(x + _GAP, y, count, va="center", fontsize=9, color=INK)


def _draw_block(axes: Axes, x: float, y: float, token: str, colour: str, is_unknown: bool) -> None:
    """Draw one token."""
    from matplotlib.patches import FancyBboxPatch

    box = FancyBboxPatch(
        (x + _GAP / 3, y - _BLOCK / 2),
        _width(token) - 2 / 3 * _GAP,
        _BLOCK,
        boxstyle="round,pad=0,rounding_size=0.04",
        facecolor=PAPER if is_unknown else f"{colour}26",
        edgecolor=COLOURS[1] if is_unknown else colour,
        hatch="////" if is_unknown else None,
        linewidth=0.9,
    )
    axes.add_patch(box)
    axes.text(
        x + _width(token) / 2,
        y,
        drawable(token).replace(" ", "·"),
        ha="center",
        va="center",
        fontsize=9.5,
        family=["DejaVu Sans Mono", FONT],
        color=INK,
        bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.6} if is_unknown else None,
        **_PLAIN,
    )
