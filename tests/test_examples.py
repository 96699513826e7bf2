"""The examples in docstrings run, and show what comes out."""

import ast
import re
import textwrap
from pathlib import Path

import numpy as np
import pytest

import tf_transformer

PACKAGE = Path(tf_transformer.__file__).parent
ROOMS = (
    "config",
    "text",
    "data",
    "phrasebook",
    "layers",
    "models",
    "decoding",
    "export",
    "tasks",
    "evaluation",
    "plots",
    "tensorboard",
    "training",
)
FENCED = re.compile(r"```python\n(.*?)```", re.DOTALL)
BRACKETS = tuple("[({'\"")
LONG = ("export.export_saved_model", "training.fit")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)


def examples():
    for room in ROOMS:
        for file in sorted((PACKAGE / room).glob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                text = ast.get_docstring(node) if isinstance(node, DOCUMENTED) else None
                for code in FENCED.findall(text or ""):
                    name = f"{room}.{getattr(node, 'name', room)}"
                    marks = [pytest.mark.long] if name in LONG else []
                    yield pytest.param(textwrap.dedent(code), id=name, marks=marks)


def plain(value):
    if hasattr(value, "to_list"):  # ragged
        return value.to_list()
    if hasattr(value, "numpy"):
        value = value.numpy()
    return value.tolist() if isinstance(value, np.ndarray) else value


def said_of(statement, lines):
    """What the comment behind the statement, or in the next line, says that it gives; or `None`."""
    _, _, comment = lines[statement.end_lineno - 1].partition("  # ")
    following = lines[statement.end_lineno :][:1]
    comment = comment or "".join(line[2:] for line in following if line.startswith("# "))
    try:
        return ast.literal_eval(comment)
    except (SyntaxError, ValueError):
        assert not comment.startswith(BRACKETS)
        return None  # in words


def value_of(statement, source, names):
    """Run a statement, and return its value, or that of the name that it assigns to."""
    if isinstance(statement, ast.Expr):
        return eval(source, names)
    exec(source, names)
    is_named = isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    return names[statement.targets[0].id] if is_named else None


@pytest.mark.parametrize("code", list(examples()))
def test_the_example_runs_and_gives_what_its_comments_say(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # some write files
    names, lines = {}, code.splitlines()
    for statement in ast.parse(code).body:
        source = "\n".join(lines[statement.lineno - 1 : statement.end_lineno])
        value = value_of(statement, source, names)
        expected = None if value is None else said_of(statement, lines)
        if expected is not None:
            is_shape = isinstance(expected, tuple) and hasattr(value, "shape")
            assert (tuple(value.shape) if is_shape else plain(value)) == expected
