"""Figures beneath the cells of a notebook, and in the files of a script."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tf_transformer.notebook import in_notebook
from tf_transformer.plots.drawing import save_png
from tf_transformer.plots.line_figure import line_figure
from tf_transformer.plots.matrix_figure import matrix_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Gallery:
    """Shows figures where people can see them: beneath a notebook's cell, or in files.

    Args:
        folder: folder of the files, each `NAME.png`. It is created for the first one.

    Example:
        ```python
        import tf_transformer as tft

        gallery = tft.plots.Gallery("runs/pictures")
        gallery.lines("squares", {"squares": [0, 1, 4, 9]})  # a script has written squares.png
        ```
    """

    def __init__(self, folder: str | os.PathLike) -> None:
        self.folder = Path(folder)

    def matrices(self, name: str, matrices: Mapping[str, np.ndarray], **options: Any) -> None:
        """Show matrices side by side.

        Args:
            name: name of the file, without its ending.
            matrices: as of `matrix_figure`.
            **options: further arguments of `matrix_figure`.
        """
        self.show(name, matrix_figure(matrices, **options))

    def lines(self, name: str, curves: Mapping[str, Sequence[float]], **options: Any) -> None:
        """Show curves in one picture.

        Args:
            name: name of the file, without its ending.
            curves: as of `line_figure`.
            **options: further arguments of `line_figure`.
        """
        self.show(name, line_figure(curves, **options))

    def show(self, name: str, figure: Figure) -> None:
        """Save a figure and, in a notebook, show it beneath the cell.

        Args:
            name: name of the file, without its ending.
            figure: any Matplotlib figure.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{name}.png"
        save_png(figure, path)
        if in_notebook():
            from IPython.display import Image, display

            display(Image(filename=str(path)))
        else:
            print(f"wrote {path}")
