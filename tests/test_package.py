"""The public interface, and what importing it costs."""

import ast
import importlib
import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

import tf_transformer as tft

_PACKAGE = Path(tft.__file__).parent


def test_importing_the_package_imports_no_framework():
    code = (
        "import sys, tf_transformer as tft; tft.UserError; tft.preset; "
        "print({'tensorflow', 'keras', 'numpy'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.stdout, result.stderr) == ("set()\n", "")


@pytest.mark.parametrize("level", [{}, {"TF_CPP_MIN_LOG_LEVEL": "1"}], ids=["", "as JAX sets it"])
def test_what_imports_tensorflow_starts_quietly(level):
    code = (
        "import sys; sys.ps1 = '> '; "  # as in a notebook
        "import tf_transformer as tft; tft.Run; import tensorflow as tf; tf.constant(1) + 1; "
        "tf.get_logger().info('said in notebooks'); import os; os.write(2, b'still there')"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TF_CPP")}
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment | level
    )
    assert (result.stdout, result.stderr) == ("", "still there")


def test_every_public_name_is_there():
    assert len(set(tft.__all__)) == len(tft.__all__)
    for name in tft.__all__:
        value = getattr(tft, name)
        if inspect.ismodule(value):
            assert value.__name__ == f"tf_transformer.{name}"
        elif callable(value):
            assert value.__name__ == name
    assert set(tft.__all__) <= set(dir(tft))


def test_every_room_is_an_attribute_and_no_other_module_is_promised():
    inner = {"api", "backend", "begin", "errors", "files", "notebook", "process_memory"}
    inner |= {"quiet_start", "registration"}
    there = {path.stem for path in _PACKAGE.glob("[a-z]*") if path.is_dir() or path.suffix == ".py"}
    promised = {name for name in tft.__all__ if inspect.ismodule(getattr(tft, name))}
    assert promised == there - inner


def test_editors_are_told_the_names_that_are_there():
    told = {}
    for node in ast.walk(ast.parse((_PACKAGE / "__init__.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for line in node.body:
                if isinstance(line, ast.ImportFrom):
                    told |= {alias.name: line.module for alias in line.names}
    assert sorted(told) == tft.__all__
    for name, module in told.items():
        found = getattr(importlib.import_module(module), name)
        assert getattr(tft, name) is found, name


def test_the_ids_that_are_no_text_have_names():
    tokenizer = tft.text.Characters.train(["a"], vocab_size=9)
    labels = tokenizer.tokens([[tft.PAD, tft.UNKNOWN, tft.START, tft.END]]).numpy()
    assert labels.tolist() == [[b"[PAD]", b"[UNK]", b"[START]", b"[END]"]]


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"'tf_transformer' has no attribute 'Transfomer'"):
        tft.Transfomer  # noqa: B018


def test_the_version_is_the_one_in_pyproject():
    project = (_PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert f'\nversion = "{tft.__version__}"\n' in project
