"""Reading the tab-separated tables that hold the words."""

from __future__ import annotations

import csv
from pathlib import Path


def words(text: str) -> tuple[str, ...]:
    """Split one line of text into words; "|" stands for a space."""
    return tuple(word.replace("|", " ") for word in text.split())


def read_table(name: str) -> list[dict[str, str]]:
    """Read one of this package's TSV files into a list of rows, by column name."""
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
