"""A figure of the progress of a training."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tf_transformer.plots.drawing import COLOURS, INK, dress, new_figure, save_png

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    Logs = Mapping[str, float]

# Measures of a model's quality; the first known one is drawn.
_SCORES = {"bleu": "BLEU", "perplexity": "perplexity", "accuracy": "accuracy"}

_SPLITS = {"": ("training", COLOURS[0]), "val_": ("validation", COLOURS[1])}
_MOST_MARKS = 60  # points of a line that are marked


def learning_curve_figure(epochs: Sequence[Logs], best: Logs, monitor: str = "val_loss") -> Figure:
    """Draw loss and score over the steps of a training, with a mark at the best model.

    Args:
        epochs: logs of all epochs, with their `step` and `epoch`: see `Checkpoints.epochs`.
        best: logs of the best model's epoch.
        monitor: entry of the logs that tells which model is best. Defaults to `"val_loss"`.

    Returns:
        A Matplotlib figure, which belongs to no window and needs no screen.

    Example:
        ```python
        from tf_transformer.plots import learning_curve_figure

        losses = [4.0, 2.0, 1.5, 1.6]
        epochs = [
            {"epoch": i, "step": 9 * i, "loss": loss, "val_loss": loss + i / 4}
            for i, loss in enumerate(losses, start=1)
        ]
        learning_curve_figure(epochs, best=epochs[2]).savefig("learning_curve.png")
        ```
    """
    from matplotlib.ticker import LogFormatter

    names = {"loss": "loss"} | _score(epochs[-1], monitor.removeprefix("val_"))
    figure = new_figure(5 * len(names), 3.8)
    for axes, (name, title) in zip(
        figure.subplots(1, len(names), squeeze=False)[0], names.items(), strict=True
    ):
        dress(axes, title[0].upper() + title[1:], "step", title)
        _draw(axes, name, epochs, best)
        if name == "perplexity":
            axes.set_yscale("log")
            axes.yaxis.set(major_formatter=LogFormatter(), minor_formatter=LogFormatter())
            axes.tick_params(which="minor", labelcolor=INK, labelsize=9)
    return figure


def save_learning_curve(
    path: str | os.PathLike, epochs: Sequence[Logs], best: Logs, monitor: str = "val_loss"
) -> None:
    """Write `learning_curve_figure` to a PNG file, completely or not at all.

    Args:
        path: path of the file.
        epochs: logs of all epochs.
        best: logs of the best model's epoch.
        monitor: entry of the logs that tells which model is best. Defaults to `"val_loss"`.
    """
    save_png(learning_curve_figure(epochs, best, monitor), path)


def _score(logs: Logs, watched: str) -> dict[str, str]:
    """Return the name and title of the score to draw: the monitored one, if it is a score."""
    names = [name for name in (watched, *_SCORES) if name != "loss" and f"val_{name}" in logs]
    return {name: _SCORES.get(name, name) for name in names[:1]}


def _draw(axes: Axes, name: str, epochs: Sequence[Logs], best: Logs) -> None:
    """Draw a line for each split that has the entry, and a mark at the best model."""
    for prefix, (split, colour) in _SPLITS.items():
        known = [logs for logs in epochs if prefix + name in logs]
        if known:
            axes.plot(
                [logs["step"] for logs in known],
                [logs[prefix + name] for logs in known],
                marker="o" if len(known) <= _MOST_MARKS else "",
                markersize=3.5,
                linewidth=1.6,
                color=colour,
                label=split,
            )
    label = f"best model: epoch {best['epoch']:.0f}, {best[f'val_{name}']:.4g}"
    axes.axvline(best["step"], color=INK, linewidth=1, linestyle="--", zorder=1)
    axes.plot(
        best["step"], best[f"val_{name}"], "o", markersize=8, color=INK, mfc="none", label=label
    )
    axes.set_xlim(left=0)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, -0.2),
        ncols=3,
        frameon=False,
        labelcolor=INK,
        fontsize=9,
    )
