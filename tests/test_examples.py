"""The examples in docstrings run, and show what comes out."""

import ast
from pathlib import Path

import numpy as np
import pytest

import tf_transformer
from tests.pages import python_of, statements_of, value_of

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
    "serving",
    "tasks",
    "evaluation",
    "plots",
    "page",
    "tensorboard",
    "training",
)
IN_SNIPPETS = ("__init__.py", "api.py")  # whose examples train: tests/test_snippets.py
FILES = [
    *(file for room in ROOMS for file in sorted((PACKAGE / room).glob("*.py"))),
    *(file for file in sorted(PACKAGE.glob("*.py")) if file.name not in IN_SNIPPETS),
]
BRACKETS = tuple("[({'\"")
LONG = (
    *("export.export_litert", "export.export_onnx", "export.export_openvino"),
    *("export.export_saved_model", "training.fit"),
)
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)


def examples():
    for file in FILES:
        room = file.stem if file.parent == PACKAGE else file.parent.name
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            text = ast.get_docstring(node) if isinstance(node, DOCUMENTED) else None
            for code in python_of(text or ""):
                name = f"{room}.{getattr(node, 'name', room)}"
                marks = [pytest.mark.long] if name in LONG else []
                yield pytest.param(code, id=name, marks=marks)


def plain(value):
    if hasattr(value, "to_list"):  # ragged
        return value.to_list()
    if hasattr(value, "numpy"):
        value = value.numpy()
    return value.tolist() if isinstance(value, np.ndarray) else value


def said_of(comment):
    """What a comment says that a statement gives; or `None`."""
    try:
        return ast.literal_eval(comment)
    except (SyntaxError, ValueError):
        assert not comment.startswith(BRACKETS)
        return None  # in words


@pytest.mark.parametrize("code", list(examples()))
def test_the_example_runs_and_gives_what_its_comments_say(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # some write files
    names = {}
    for statement, source, comment in statements_of(code):
        value = value_of(statement, source, names)
        expected = None if value is None else said_of(comment)
        if expected is not None:
            is_shape = isinstance(expected, tuple) and hasattr(value, "shape")
            assert (tuple(value.shape) if is_shape else plain(value)) == expected
