"""Runs recipes inside the test process, because importing TensorFlow anew takes seconds."""

import contextlib
import functools
import io
import logging
import re
import runpy
import sys
from typing import NamedTuple

import pytest
from absl import app
from absl.flags import FLAGS, DEFINE_flag

import tf_transformer as tft
from tests.first_run import CHECKOUT

# TensorFlow's own lines: in a process of their own, recipes hide them (`test_end_to_end.py`).
_LOG_LINE = re.compile(r"^[IWE]\d{4} .*\n", flags=re.MULTILINE)


class Finished(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def recipe(monkeypatch, capfd):
    """Runs a recipe: `recipe("06", "--flag=…", stdin=b"…")` returns a `Finished`."""

    def run(number, *arguments, stdin=b""):
        (path,) = (CHECKOUT / "recipes").glob(f"{number}_*.py")
        monkeypatch.setattr(sys, "argv", [str(path), *map(str, arguments)])
        if isinstance(stdin, bytes):
            stdin = io.TextIOWrapper(io.BytesIO(stdin))
        monkeypatch.setattr(sys, "stdin", stdin)
        monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
        capfd.readouterr()
        code = 0
        try:
            with _own_flags(), _own_log_handlers():
                _run_script(path)
        except SystemExit as exit:
            code = exit.code or 0
        out, err = capfd.readouterr()
        return Finished(code, out, _LOG_LINE.sub("", err))

    return run


def _run_script(path):
    """Runs it as Python does: what is raised goes to the hook that the script may have set."""
    try:
        runpy.run_path(str(path), run_name="__main__")
    except Exception as error:
        if sys.excepthook is sys.__excepthook__:
            raise
        sys.excepthook(type(error), error, error.__traceback__)
        raise


@pytest.fixture
def refused(recipe):
    """Runs a recipe that must end with one line on standard error, which it returns."""

    def run(*arguments, **options):
        finished = recipe(*arguments, **options)
        assert finished.code == 2, finished
        assert finished.err.startswith("error: ")
        assert finished.err.count("\n") == 1
        assert finished.err.endswith("\n")
        assert len(finished.err) < 600
        return finished.err

    return run


@pytest.fixture
def load_once(monkeypatch):
    """Keeps loaded models for the next call of a recipe."""
    monkeypatch.setattr(tft, "load_saved_model", _load_once)


@functools.cache
def _load_once(directory, **options):
    from tf_transformer.export import load_saved_model

    return load_saved_model(directory, **options)


@contextlib.contextmanager
def _own_flags():
    """Forgets the flags that a recipe defines, and meanwhile those that benchmarks do: two programs
    may define the same."""
    app.define_help_flags()
    modules = FLAGS.flags_by_module_dict().items()
    of_benchmarks = [
        (flag, name) for name, flags in modules for flag in flags if "benchmarks" in name
    ]
    for flag, _ in of_benchmarks:
        delattr(FLAGS, flag.name)
    others = set(FLAGS)
    try:
        yield
    finally:
        for name in set(FLAGS) - others:
            delattr(FLAGS, name)
        for flag, module in of_benchmarks:
            DEFINE_flag(flag, module_name=module)


@contextlib.contextmanager
def _own_log_handlers():
    """Takes back the log handler that absl puts in place."""
    handlers = logging.root.handlers[:]
    try:
        yield
    finally:
        logging.root.handlers[:] = handlers
