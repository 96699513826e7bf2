"""A figure of where the heads look."""

from __future__ import annotations

import math
import os
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tf_transformer.errors import UserError
from tf_transformer.plots.drawing import (
    FAINT,
    INK,
    cut,
    drawable,
    fonts_for,
    glyphs,
    readable,
    save_png,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Matplotlib is imported inside the functions: loading it takes a second, and only figures need it.

_PANEL = 2.6  # inches of the longer side of a heat map …
_CELL = (0.09, 0.26)  # … as long as its cells stay between these sizes, in inches
_LARGEST = (20, 13)  # largest width and height of the whole figure, in inches …
_ROOM = (3.5, 2.5)  # … of which this much is for labels …
_GAPS = 1.05  # … while maps take this many times their own size, because of the gaps between them
_NAME_ROOM = 0.6  # inches that the name of a head or layer takes
_LONGEST_LABEL = 24  # characters
_LEAST_FONT = 5  # points
_SMALL = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def attention_figure(
    attention: np.ndarray,
    source_tokens: Sequence[str],
    target_tokens: Sequence[str],
    columns: str = "source token",
    rows: str = "target token",
    title: str = "",
) -> Figure:
    """Draw a heat map for each layer and head, and for the mean of a layer's heads, if several.

    Args:
        attention: weights `(layers, heads, target_length, source_length)`, from 0 to 1.
        source_tokens: labels of the columns.
        target_tokens: labels of the rows.
        columns: title of the columns, below. Defaults to `"source token"`.
        rows: title of the rows, on the left. Defaults to `"target token"`.
        title: title of the figure. Defaults to none.

    Returns:
        A Matplotlib figure, which belongs to no window and needs no screen.

    Raises:
        UserError: if the weights do not fit the tokens.

    Example:
        ```python
        import numpy as np
        from tf_transformer.plots import attention_figure

        weights = np.full((1, 2, 3, 2), 0.5)  # 1 layer, 2 heads, 3 target and 2 source tokens
        figure = attention_figure(weights, ["bom", "dia"], ["good", "morning", "."])
        figure.savefig("attention.png")
        ```
    """
    from matplotlib.figure import Figure

    attention = np.asarray(attention, dtype="float32")
    _check(attention, source_tokens, target_tokens)
    maps = attention
    if attention.shape[1] > 1:
        maps = np.concatenate([attention, attention.mean(axis=1, keepdims=True)], axis=1)
    cell = _cell_size(maps.shape)  # inches
    figure = Figure(figsize=_figure_size(maps.shape, cell), layout="compressed")
    figure.supxlabel(columns, color=INK, fontsize=10)
    figure.supylabel(rows, color=INK, fontsize=10)
    if title:
        figure.suptitle(drawable(title), color=INK, fontsize=11)
    axes = figure.subplots(*maps.shape[:2], squeeze=False)
    for axis, weights in zip(axes.flat, maps.reshape(-1, *maps.shape[2:]), strict=True):
        image = axis.imshow(weights, cmap="Blues", vmin=0, vmax=1, interpolation=_drawn(cell))
        axis.tick_params(length=0, pad=2)
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set(color=FAINT, linewidth=0.5)
    _label(axes, cell, source_tokens, target_tokens)
    bar = figure.colorbar(image, ax=axes, fraction=0.03, aspect=40, pad=0.01)
    bar.outline.set(color=FAINT, linewidth=0.5)
    bar.set_label("attention weight", color=INK, fontsize=9)
    bar.ax.tick_params(labelsize=8, labelcolor=INK, color=FAINT)
    return figure


def save_attention_figure(
    path: str | os.PathLike,
    attention: np.ndarray,
    source_tokens: Sequence[str],
    target_tokens: Sequence[str],
) -> None:
    """Write `attention_figure` to a PNG file, completely or not at all.

    Args:
        path: path of the file.
        attention: weights `(layers, heads, target_length, source_length)`, from 0 to 1.
        source_tokens: labels of the columns.
        target_tokens: labels of the rows.

    Raises:
        UserError: if the weights do not fit the tokens.
    """
    save_png(attention_figure(attention, source_tokens, target_tokens), path)


def _check(
    attention: np.ndarray, source_tokens: Sequence[str], target_tokens: Sequence[str]
) -> None:
    expected = f"(layers, heads, {len(target_tokens)} target, {len(source_tokens)} source tokens)"
    fits = attention.ndim == 4 and attention.shape[2:] == (len(target_tokens), len(source_tokens))
    if not fits or not attention.size:
        raise UserError(f"attention of shape {attention.shape} cannot be drawn as {expected}.")


def _drawn(cell: float) -> str:
    """Return how to draw cells: those smaller than dots are blended."""
    return "nearest" if cell > 0.02 else "antialiased"


def _cell_size(shape: tuple[int, ...]) -> float:
    """Return the size of a cell in inches, such that all maps fit on a figure of moderate size."""
    layers, heads, rows, columns = shape
    smallest, largest = _CELL
    cell = min(max(_PANEL / max(rows, columns), smallest), largest)
    widest, tallest = ((most - room) / _GAPS for most, room in zip(_LARGEST, _ROOM, strict=True))
    return min(cell, widest / (heads * columns), tallest / (layers * rows))


def _figure_size(shape: tuple[int, ...], cell: float) -> tuple[float, float]:
    """Return the width and height of the maps and their labels, in inches (cropped on saving)."""
    layers, heads, rows, columns = shape
    return _GAPS * heads * columns * cell + _ROOM[0], _GAPS * layers * rows * cell + _ROOM[1]


def _label(
    axes: np.ndarray,
    cell: float,
    source_tokens: Sequence[str],
    target_tokens: Sequence[str],
) -> None:
    """Name the heads above, the layers on the left, and the tokens at the outer edges."""
    font_size = max(_LEAST_FONT, min(9, 0.8 * 72 * cell))  # points
    crowd = font_size / (0.8 * 72 * cell)
    every = 1 if crowd <= 1 else math.ceil(1.5 * crowd)  # not all small cells have labels
    families = fonts_for("".join([*source_tokens, *target_tokens]))
    known = frozenset().union(*map(glyphs, families))
    sources, targets = (_labels(tokens, known) for tokens in (source_tokens, target_tokens))
    tokens = {"fontsize": font_size, "fontfamily": families, "color": INK, "parse_math": False}
    for axis in axes[-1]:
        axis.set_xticks(range(0, len(sources), every), sources[::every], rotation=90, **tokens)
    for axis in axes[:, 0]:
        axis.set_yticks(range(0, len(targets), every), targets[::every], **tokens)
    if axes.size > 1:
        _name_maps(axes, cell * len(sources), cell * len(targets))


def _name_maps(axes: np.ndarray, width: float, height: float) -> None:
    """Name layers and heads, next to and above maps of this size in inches."""
    for layer, axis in enumerate(axes[:, 0]):
        axis.set_ylabel(_name("layer", layer, height), labelpad=8, color=INK, fontsize=10)
    for head, axis in enumerate(axes[0, : max(axes.shape[1] - 1, 1)]):
        axis.set_title(_name("head", head, width), color=INK, fontsize=10)
    if axes.shape[1] > 1:
        axes[0, -1].set_title("mean", color=INK, fontsize=10, fontweight="bold")


def _name(kind: str, number: int, room: float) -> str:
    """Return the name of a layer or head, or only its number if `room`, in inches, is small."""
    return f"{kind} {number + 1}" if room > _NAME_ROOM else f"{number + 1}"


def _labels(tokens: Sequence[str], known: frozenset[int]) -> list[str]:
    """Return distinct labels of moderate length: the second of two equal tokens gets a small 2.

    Args:
        tokens: tokens of a text.
        known: code points that can be drawn.
    """
    labels, counts = [], Counter()
    for token in tokens:
        label = cut(token, _LONGEST_LABEL)
        counts[label] += 1
        number = str(counts[label]).translate(_SMALL) if counts[label] > 1 else ""
        labels.append("".join(_spelled(c, known) for c in label) + number)
    return labels


def _spelled(character: str, known: frozenset[int]) -> str:
    """Return a character; if it cannot be drawn, the number of a letter, or □ for anything else."""
    if unicodedata.category(character)[0] in "LMN" and ord(character) not in known:
        return f"‹{ord(character):x}›"
    return readable(character, known)
