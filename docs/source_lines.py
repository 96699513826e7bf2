"""A role that points at the line where something is defined: {line}`FILE:NAME`."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]


def line_of(file, name):
    """Return the line where a class, function, method or constant begins.

    Args:
        file: path below the project's folder.
        name: such as `Encoder`, `Encoder.call` or `PRESETS`.

    Raises:
        KeyError: if there is no such name in the file.
    """
    body = ast.parse((ROOT / file).read_text(encoding="utf-8")).body
    for part in name.split("."):
        node = next((node for node in body if part in _names(node)), None)
        if node is None:
            raise KeyError(f"{file} has no {name}")
        body = getattr(node, "body", [])
    return node.lineno


def _names(node):
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.AnnAssign):
        return [getattr(node.target, "id", None)]
    return [getattr(node, "name", None)]


def _role(name, rawtext, text, lineno, inliner, options=None, content=None):
    from docutils import nodes  # here: the tests have no Sphinx

    file, _, symbol = text.partition(":")
    try:
        label = f"{file}:{line_of(file, symbol)}"
    except (OSError, KeyError) as error:
        message = inliner.reporter.error(f"{text}: {error}", line=lineno)
        return [inliner.problematic(rawtext, rawtext, message)], [message]
    return [nodes.literal(label, label), nodes.Text(f" ({symbol})")], []


def setup(app):
    """Add the role: Sphinx calls this."""
    app.add_role("line", _role)
    return {"parallel_read_safe": True}
