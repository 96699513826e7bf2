"""Texts in Markdown, shown as they are written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_MARKUP = re.compile(r"[\\`*_{}\[\]()<>#+!|&~:]|^ | $|(?<= ) ")


def escape_markdown(text: str) -> str:
    """Return Markdown that shows a text as it is written, in one line of source.

    Args:
        text: of any characters. Its ends of lines become `<br>`.
    """
    # As numbers of characters: backslashes escape less, and differ between dialects.
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
        columns: texts, by the titles of their columns.
        rows: how many to show, at most.
    """
    lines = [" | ".join(columns), " | ".join("---" for _ in columns)]
    for row in list(zip(*columns.values(), strict=True))[:rows]:
        lines.append(" | ".join(map(escape_markdown, row)))
    return "\n".join(lines)
