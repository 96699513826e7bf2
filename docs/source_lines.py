"""A role that points at a line of the package: {line}`FILE:NAME` or {line}`FILE:NAME:CODE`."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]


def line_of(file, name, code=""):
    """Return the line where something is defined, or where a piece of code stands in it.

    Args:
        file: path below the project's folder.
        name: of a class, function, method or constant, such as `Encoder`, `Encoder.call` or
            `PRESETS`.
        code: a piece of one line of it, below its docstring. Defaults to none: where it begins.

    Raises:
        KeyError: if there is no such name in the file, or if the code is not there exactly once.
    """
    text = (ROOT / file).read_text(encoding="utf-8")
    node = _find(ast.parse(text), file, name)
    if not code:
        return node.lineno
    lines = text.splitlines()
    found = [number for number in _body(node) if code in lines[number - 1]]
    if len(found) != 1:
        raise KeyError(f"{file} has {code!r} in {len(found)} lines of {name}, and needs it in one")
    return found[0]


def _find(node, file, name):
    for part in name.split("."):
        body = getattr(node, "body", [])
        node = next((each for each in body if part in _names(each)), None)
        if node is None:
            raise KeyError(f"{file} has no {name}")
    return node


def _names(node):
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.AnnAssign):
        return [getattr(node.target, "id", None)]
    return [getattr(node, "name", None)]


def _body(node):
    """Return the numbers of the lines of a definition, without its head and its docstring."""
    statements = getattr(node, "body", [node])
    first = statements[0].lineno
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node):
        first = statements[0].end_lineno + 1
    return range(first, node.end_lineno + 1)


def _role(name, rawtext, text, lineno, inliner, options=None, content=None):
    from docutils import nodes  # here: the tests have no Sphinx

    file, _, place = text.partition(":")
    symbol, _, code = place.partition(":")
    try:
        label = f"{file}:{line_of(file, symbol, code)}"
    except (OSError, KeyError) as error:
        message = inliner.reporter.error(f"{text}: {error}", line=lineno)
        return [inliner.problematic(rawtext, rawtext, message)], [message]
    return [nodes.literal(label, label), nodes.Text(f" ({symbol})")], []


def setup(app):
    """Add the role: Sphinx calls this."""
    app.add_role("line", _role)
    return {"parallel_read_safe": True}
