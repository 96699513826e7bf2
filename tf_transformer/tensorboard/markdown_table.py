"""Texts side by side, as TensorBoard shows them."""


def markdown_table(names, columns, rows):
    """Return a Markdown table.

    Args:
        names: of the columns.
        columns: sequences of strings.
        rows: how many to show, at most.
    """
    lines = [" | ".join(names), " | ".join("---" for _ in names)]
    for row in list(zip(*columns, strict=False))[:rows]:
        lines.append(" | ".join(text.replace("|", "\\|").replace("\n", " ") for text in row))
    return "\n".join(lines)
