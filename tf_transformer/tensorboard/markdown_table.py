"""Texts in Markdown, shown literally."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_MARKUP = re.compile(r"[\\`*_{}\[\]()<>#+!|&~:]|^ | $|(?<= ) ")


def escape_markdown(text: str) -> str:
    """Return one line of Markdown that shows a text literally.

    Args:
        text: any text. Its line ends become `<br>`.
    """
    # Numeric character references, because backslashes escape less, and differ between dialects.
    lines = (
        _MARKUP.sub(
            lambda found: "&#160;" if found[0] == " " else f"&#{ord(found[0])};",
            line.expandtabs(4),
        )
        for line in text.splitlines()
    )
    return "<br>".join(lines)


def markdown_table(columns: Mapping[str, Sequence[str]], rows: int) -> str:
    """Return a Markdown table.

    Args:
        columns: texts by the titles of their columns.
        rows: most rows to show.
    """
    lines = [" | ".join(columns), " | ".join("---" for _ in columns)]
    for row in list(zip(*columns.values(), strict=True))[:rows]:
        lines.append(" | ".join(map(escape_markdown, row)))
    return "\n".join(lines)
