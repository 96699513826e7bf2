"""Finds the lines of the package that pages point at."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]


def line_of(file, name, code=""):
    """Return the number of the line that defines something, or of a line within it.

    Args:
        file: path below the project's folder.
        name: name of a class, function, method or constant, such as `Encoder`, `Encoder.call` or
            `PRESETS`.
        code: part of one of its lines, below its docstring. Defaults to none: its first line.

    Raises:
        KeyError: if the file has no such name, or if the code is not in exactly one line.
    """
    text = (ROOT / file).read_text(encoding="utf-8")
    node = _find(ast.parse(text), file, name)
    if not code:
        return node.lineno
    lines = text.splitlines()
    found = [number for number in _body(node) if code in lines[number - 1]]
    if len(found) != 1:
        raise KeyError(f"{file} has {code!r} in {len(found)} lines of {name}, not in one")
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
    """Return the line numbers of a definition, without its head and its docstring."""
    statements = getattr(node, "body", [node])
    first = statements[0].lineno
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node):
        first = statements[0].end_lineno + 1
    return range(first, node.end_lineno + 1)
