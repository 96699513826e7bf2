"""Tables for a terminal or a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_NUMBERS = "+-−.≈0123456789"  # first characters of numbers
_WIDE = 10_000  # columns of a pipe, where nothing is wrapped


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows of cells under a header, with numbers aligned to the right.

    In a terminal, a rule follows the header and long cells are wrapped. Elsewhere, each row is a
    line of plain text.

    Args:
        header: names of the columns.
        rows: cells of each row.
    """
    console = Console()
    cells = [[str(cell) for cell in row] for row in rows]
    if console.is_terminal:
        console.print(_table(header, cells, box.SIMPLE_HEAD))
        return
    console = Console(width=_WIDE, color_system=None, force_jupyter=False)
    with console.capture() as captured:
        console.print(Padding(_table(header, cells, None), (0, 0, 0, 2), expand=False))
    print(*(line.rstrip() for line in captured.get().splitlines()), sep="\n")


def _table(header: Sequence[str], rows: list[list[str]], lines: box.Box | None) -> Table:
    table = Table(box=lines, padding=(0, 2, 0, 0), pad_edge=False, show_edge=False)
    for name, *cells in zip(header, *rows, strict=True):
        is_numbers = all(cell[:1] in _NUMBERS for cell in cells)
        table.add_column(Text(name), justify="right" if is_numbers else "left")
    for row in rows:
        table.add_row(*map(Text, row))
    return table
