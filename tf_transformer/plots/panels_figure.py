"""Several quantities side by side, with the same curves in each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from tf_transformer.plots.drawing import INK, dress, new_figure
from tf_transformer.plots.line_figure import draw_curves

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def panels_figure(
    panels: Mapping[str, Mapping[str, Sequence[float]]],
    title: str = "",
    x: str = "",
    first: int = 1,
    log: Collection[str] = (),
    at: Sequence[object] = (),
) -> Figure:
    """Draw several quantities side by side: the same curves in each, with one legend.

    Args:
        panels: for each quantity by name, its curves: see `line_figure`.
        title: title of the picture. Defaults to none.
        x: title of the horizontal axes. Defaults to none.
        first: where the curves begin. Defaults to 1.
        log: names of the quantities with a logarithmic axis. Defaults to none.
        at: names for the points on the horizontal axes, in place of numbers. Defaults to none.

    Returns:
        The figure: see `Gallery`.

    Example:
        ```python
        import tf_transformer as tft

        losses, scores = {"RNN": [3.1, 2.2]}, {"RNN": [1.5, 9.8]}
        figure = tft.plots.panels_figure({"loss": losses, "BLEU": scores}, x="epoch")
        [axes.get_ylabel() for axes in figure.axes]  # ['loss', 'BLEU']
        ```
    """
    figure = new_figure(4.5 * len(panels), 3.8)
    for axes, (name, curves) in zip(
        figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True
    ):
        draw_curves(dress(axes, "", x, name), curves, first, name in log, at)
    figure.suptitle(title, color=INK, fontsize=12)
    lines, names = axes.get_legend_handles_labels()
    figure.legend(
        lines, names, loc="outside lower center", ncols=len(names), frameon=False, labelcolor=INK
    )
    return figure
