"""A map of words: their vectors on the plane on which they differ most."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tf_transformer.evaluation.word_vectors import WordVectors
from tf_transformer.plots.drawing import COLOURS, FAINT, INK, dress, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARKERS = "os^DvPX*"  # one for each group, like its colour
_FONT_SIZE = 9
_DISTANCES = (5, 14, 24, 36, 50)  # of a word from its point, in typographic points
_ANGLES = [math.radians(angle) for angle in (0, 180, 90, 270, 45, 135, 225, 315)]

Box = tuple[float, float, float, float]  # left, low, right, high


def word_map_figure(
    vectors: WordVectors, groups: Mapping[str, Sequence[str]], title: str = ""
) -> Figure:
    """Draw words of several groups on the plane that shows most of their differences.

    The plane is that of the first two principal components. Each group has a colour and a marker,
    and each word is next to its point or joined to it by a line.

    Args:
        vectors: vectors of all these words.
        groups: for each group by name, its words.
        title: title of the map. Defaults to none.

    Returns:
        The figure: see `Gallery`.

    Raises:
        UserError: if a word has no vector.

    Example:
        ```python
        import numpy as np
        import tf_transformer as tft

        words = ["cat", "dog", "tea", "milk"]
        vectors = tft.evaluation.WordVectors(words, np.random.default_rng(0).normal(size=(4, 9)))
        figure = tft.plots.word_map_figure(vectors, {"animal": words[:2], "drink": words[2:]})
        [text.get_text() for text in figure.axes[0].texts]  # ['cat', 'dog', 'tea', 'milk']
        ```
    """
    words = [word for members in groups.values() for word in members]
    points, shares = principal_components(vectors.unit[vectors.rows(words)])
    figure = new_figure(11, 8)
    axes = dress(
        figure.subplots(),
        title,
        f"first principal component: {shares[0]:.0%} of the variance",
        f"second principal component: {shares[1]:.0%}",
    )
    axes.set(xticks=[], yticks=[])
    axes.margins(0.08)
    groups_of = np.repeat(np.arange(len(groups)), [len(members) for members in groups.values()])
    for group, name in enumerate(groups):
        look = {"color": COLOURS[group % 8], "marker": _MARKERS[group % 8]}
        axes.scatter(*points[groups_of == group].T, s=24, label=name, zorder=3, **look)
    legend = {"loc": "outside lower center", "ncols": len(groups), "frameon": False}
    figure.legend(labelcolor=INK, **legend)
    figure.draw_without_rendering()  # which puts the axes in their place
    _label(axes, points, words, [COLOURS[group % 8] for group in groups_of])
    return figure


def principal_components(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return points in the two directions in which they differ most.

    Args:
        points: float `(points, width)`.

    Returns:
        `(points, 2)`, and the two directions' shares of the variance, `(2,)`.
    """
    centred = points - points.mean(axis=0)
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    return centred @ directions[:2].T, sizes[:2] ** 2 / (sizes**2).sum()


def _label(axes: Axes, points: np.ndarray, words: Sequence[str], colours: Sequence[str]) -> None:
    """Write each word near its point, where it hides the least of other words and points."""
    places = axes.transData.transform(points) * 72 / axes.figure.dpi  # in typographic points
    taken: list[Box] = [(x - 4, y - 4, x + 4, y + 4) for x, y in places]
    taken += _around(*(axes.bbox.extents * 72 / axes.figure.dpi))
    for place, point, word, colour in zip(places, points, words, colours, strict=True):
        way, boxes = min(
            ((way, _boxes(place, way, word)) for way in _ways()),
            key=lambda each: sum(_shared(box, other) for box in each[1] for other in taken),
        )
        taken += boxes
        axes.annotate(
            word,
            point,
            xytext=way,
            textcoords="offset points",
            ha=_side(way),
            va="center",
            color=colour,
            fontsize=_FONT_SIZE,
            parse_math=False,
            arrowprops={"arrowstyle": "-", "color": FAINT, "linewidth": 0.8, "shrinkA": 0},
        )


def _ways() -> Iterator[tuple[float, float]]:
    """Yield places for a word near its point, the nearest first."""
    for distance in _DISTANCES:
        for angle in _ANGLES:
            yield distance * math.cos(angle), distance * math.sin(angle) * 1.3


def _side(way: tuple[float, float]) -> str:
    """Return which side of a word is where it is joined to its point."""
    return "right" if way[0] < -2 else "left" if way[0] > 2 else "center"


def _boxes(place: np.ndarray, way: tuple[float, float], word: str) -> list[Box]:
    """Return what a word and the line to its point cover."""
    width, height = 0.64 * _FONT_SIZE * len(word), 1.2 * _FONT_SIZE
    left = {"right": -width, "left": 0, "center": -width / 2}[_side(way)] + way[0] + place[0]
    middle = place[1] + way[1]
    along = [place + share * np.array(way) for share in np.linspace(0.3, 0.9, 7)]
    line = [(x - 3, y - 3, x + 3, y + 3) for x, y in along if math.hypot(*way) > _DISTANCES[1]]
    return [(left, middle - height / 2, left + width, middle + height / 2), *line]


def _around(left: float, low: float, right: float, high: float) -> list[Box]:
    """Return what lies on the four sides of a box."""
    far = 1e4
    return [
        (-far, -far, left, far),
        (right, -far, far, far),
        (-far, -far, far, low),
        (-far, high, far, far),
    ]


def _shared(one: Box, other: Box) -> float:
    """Return how much of two boxes lies in both."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0) * max(height, 0)
