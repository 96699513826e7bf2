"""A picture of where the heads look."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tf_transformer.errors import UserError
from tf_transformer.files import replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Matplotlib is imported inside the functions: loading it takes a second, and only pictures need it.

_FONT = "DejaVu Sans"  # comes with Matplotlib; has accents, Greek, Cyrillic and ▁
_PANEL = 2.6  # inches of the longer side of a heat map …
_CELL = (0.09, 0.26)  # … as long as its cells stay between these sizes, in inches
_LARGEST = 60  # inches of the whole picture, whatever the number of tokens
_LONGEST_LABEL = 24  # characters
_INK, _FAINT = "#30343b", "#c9ced6"


def attention_figure(
    attention: np.ndarray, source_tokens: Sequence[str], target_tokens: Sequence[str]
) -> Figure:
    """Draw a heat map for each layer and head, and for the mean over a layer's heads, if several.

    Args:
        attention: weights `(layers, heads, target_length, source_length)`, from 0 to 1.
        source_tokens: the labels of the columns.
        target_tokens: the labels of the rows.

    Returns:
        A Matplotlib figure, which belongs to no window and needs no screen.

    Raises:
        UserError: if the weights do not fit the tokens.
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
        axis.spines[:].set(color=_FAINT, linewidth=0.5)
    _label(axes, font_size, source_tokens, target_tokens)
    bar = figure.colorbar(image, ax=axes, fraction=0.03, aspect=40, pad=0.01)
    bar.outline.set(color=_FAINT, linewidth=0.5)
    bar.set_label("attention weight", color=_INK, fontsize=9)
    bar.ax.tick_params(labelsize=8, labelcolor=_INK, color=_FAINT)
    return figure


def save_attention_figure(path, attention, source_tokens, target_tokens) -> None:
    """Write `attention_figure` to a PNG file, whole or not at all.

    Args:
        path: of the file.
        attention: as for `attention_figure`.
        source_tokens: likewise.
        target_tokens: likewise.

    Raises:
        UserError: if the weights do not fit the tokens.
    """
    figure = attention_figure(attention, source_tokens, target_tokens)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=150, bbox_inches="tight", pad_inches=0.15)


def _check(attention, source_tokens, target_tokens):
    expected = f"(layers, heads, {len(target_tokens)} target, {len(source_tokens)} source tokens)"
    fits = attention.ndim == 4 and attention.shape[2:] == (len(target_tokens), len(source_tokens))
    if not fits or not attention.size:
        raise UserError(f"attention of shape {attention.shape} cannot be drawn as {expected}.")


def _cell_size(shape):
    layers, heads, rows, columns = shape
    smallest, largest = _CELL
    cell = min(max(_PANEL / max(rows, columns), smallest), largest)
    return min(cell, _LARGEST / (heads * columns), _LARGEST / (layers * rows))


def _figure_size(shape, cell):
    """Return width and height in inches: the heat maps, and room for labels (cropped on saving)."""
    layers, heads, rows, columns = shape
    return 1.05 * heads * columns * cell + 3.5, 1.05 * layers * rows * cell + 2.5


def _label(axes, font_size, source_tokens, target_tokens):
    """Name the heads above, the layers on the left, and the tokens at the outer edges."""
    families = _fonts_for(frozenset("".join([*source_tokens, *target_tokens])))
    drawable = frozenset().union(*map(_characters, families))
    sources = [_readable(token, drawable) for token in source_tokens]
    targets = [_readable(token, drawable) for token in target_tokens]
    tokens = {"fontsize": font_size, "fontfamily": families, "color": _INK, "parse_math": False}
    names = {"fontsize": 10, "color": _INK}
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


def _readable(token, drawable):
    """Return a label of moderate length, with □ for what cannot be drawn."""
    if len(token) > _LONGEST_LABEL:
        token = token[: _LONGEST_LABEL - 1] + "…"
    return "".join(c if ord(c) in drawable and c.isprintable() else "□" for c in token)


def _fonts_for(characters):
    """Return the names of `_FONT` and of installed fonts for the characters that it lacks."""
    from matplotlib.font_manager import fontManager

    names, missing = [_FONT], {ord(c) for c in characters} - _characters(_FONT)
    for font in fontManager.ttflist if missing else ():
        plain = font.style == "normal" and font.weight in (400, "normal", "regular")
        found = missing & _characters(font.name) if plain else set()
        if found and not font.name.startswith("Last Resort"):  # whose glyphs say no more than □
            names.append(font.name)
            missing -= found
    return names


@functools.cache
def _characters(font_name):
    """Return the code points that a font has glyphs for."""
    from matplotlib import font_manager

    path = font_manager.findfont(font_manager.FontProperties(family=[font_name]))
    return frozenset(font_manager.get_font(path).get_charmap())
