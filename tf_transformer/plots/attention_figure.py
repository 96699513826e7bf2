"""A figure of where the heads look."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tf_transformer.errors import UserError
from tf_transformer.plots.drawing import FAINT, FONT, INK, glyphs, readable, save_png

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Matplotlib is imported inside the functions: loading it takes a second, and only figures need it.

_PANEL = 2.6  # inches of the longer side of a heat map …
_CELL = (0.09, 0.26)  # … as long as its cells stay between these sizes, in inches
_LARGEST = 60  # inches of the whole figure, whatever the number of tokens
_LONGEST_LABEL = 24  # characters


def attention_figure(
    attention: np.ndarray, source_tokens: Sequence[str], target_tokens: Sequence[str]
) -> Figure:
    """Draw a heat map for each layer and head, and for the mean over a layer's heads, if several.

    Args:
        attention: weights `(layers, heads, target_length, source_length)`, from 0 to 1.
        source_tokens: labels of the columns.
        target_tokens: labels of the rows.

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
    font_size = min(9, 0.8 * 72 * cell)  # points

    figure = Figure(figsize=_figure_size(maps.shape, cell), layout="compressed")
    axes = figure.subplots(*maps.shape[:2], squeeze=False)
    for axis, weights in zip(axes.flat, maps.reshape(-1, *maps.shape[2:]), strict=True):
        image = axis.imshow(weights, cmap="Blues", vmin=0, vmax=1, interpolation="nearest")
        axis.tick_params(length=0, pad=2)
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set(color=FAINT, linewidth=0.5)
    _label(axes, font_size, source_tokens, target_tokens)
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
    """Write `attention_figure` to a PNG file, whole or not at all.

    Args:
        path: of the file.
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


def _cell_size(shape: tuple[int, ...]) -> float:
    layers, heads, rows, columns = shape
    smallest, largest = _CELL
    cell = min(max(_PANEL / max(rows, columns), smallest), largest)
    return min(cell, _LARGEST / (heads * columns), _LARGEST / (layers * rows))


def _figure_size(shape: tuple[int, ...], cell: float) -> tuple[float, float]:
    """Return width and height in inches: the heat maps, and room for labels (cropped on saving)."""
    layers, heads, rows, columns = shape
    return 1.05 * heads * columns * cell + 3.5, 1.05 * layers * rows * cell + 2.5


def _label(
    axes: np.ndarray,
    font_size: float,
    source_tokens: Sequence[str],
    target_tokens: Sequence[str],
) -> None:
    """Name the heads above, the layers on the left, and the tokens at the outer edges."""
    families = _fonts_for(frozenset("".join([*source_tokens, *target_tokens])))
    drawable = frozenset().union(*map(glyphs, families))
    sources = [_readable(token, drawable) for token in source_tokens]
    targets = [_readable(token, drawable) for token in target_tokens]
    tokens = {"fontsize": font_size, "fontfamily": families, "color": INK, "parse_math": False}
    names = {"fontsize": 10, "color": INK}
    for axis in axes[-1]:
        axis.set_xticks(range(len(sources)), sources, rotation=90, **tokens)
    for axis in axes[:, 0]:
        axis.set_yticks(range(len(targets)), targets, **tokens)
    if axes.size == 1:
        return
    for layer, axis in enumerate(axes[:, 0]):
        axis.set_ylabel(f"layer {layer + 1}", labelpad=8, **names)
    for head, axis in enumerate(axes[0, : max(axes.shape[1] - 1, 1)]):
        axis.set_title(f"head {head + 1}", **names)
    if axes.shape[1] > 1:
        axes[0, -1].set_title("mean", fontweight="bold", **names)


def _readable(token: str, drawable: frozenset[int]) -> str:
    """Return a label of moderate length, with □ for what cannot be drawn."""
    if len(token) > _LONGEST_LABEL:
        token = token[: _LONGEST_LABEL - 1] + "…"
    return readable(token, drawable)


def _fonts_for(characters: frozenset[str]) -> list[str]:
    """Return the names of `FONT` and of installed fonts for the characters that it lacks."""
    from matplotlib.font_manager import fontManager

    names, missing = [FONT], {ord(c) for c in characters} - glyphs(FONT)
    for font in fontManager.ttflist if missing else ():
        plain = font.style == "normal" and font.weight in (400, "normal", "regular")
        found = missing & glyphs(font.name) if plain else set()
        if found and not font.name.startswith("Last Resort"):  # whose glyphs say no more than □
            names.append(font.name)
            missing -= found
    return names
