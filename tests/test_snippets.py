"""The code on the pages runs and answers as they say; a small model stands for theirs."""

import ast
import functools
import inspect
import re
from pathlib import Path

import keras
import pytest
import tensorflow as tf

import tf_transformer as tft
from tests.pages import PAGES, python_of, relative, statements_of, text_of, value_of
from tests.tasks.conftest import export_tasks
from tf_transformer import api
from tf_transformer.tasks import task

SNIPPETS = {relative(path): python_of(text_of(path)) for path in PAGES}
SNIPPETS |= {thing.__name__: python_of(thing.__doc__) for thing in (tft, tft.train, tft.load)}
SNIPPETS = {page: blocks for page, blocks in SNIPPETS.items() if blocks}

_load_run = functools.cache(tft.load)
_load_saved_model = functools.cache(tf.saved_model.load)


@pytest.fixture
def home(first_run, shared, tmp_path, monkeypatch):
    """A directory where training and export take no time: both give what the first run made.

    They take what the real ones take: another argument, field or preset is an error.
    """

    others = shared("tasks", export_tasks)  # a language model and a classifier

    def train(*arguments, **options):
        given = inspect.signature(real_train).bind(*arguments, **options).arguments
        tft.preset(given.get("preset", "tiny"), **given.get("fields", {}))
        translator = _load_run(first_run.run_dir)
        translator.graph = tft.load(first_run.model_dir).graph  # made once for all
        return translator

    def export(*arguments, **options):
        given = inspect.signature(real_export).bind(*arguments, **options).arguments
        return put(first_run.model_dir, given["export_dir"])

    def put(model, export_dir):
        export_dir = tmp_path / export_dir
        export_dir.parent.mkdir(exist_ok=True)
        if not export_dir.exists():
            export_dir.symlink_to(model)
        return export_dir / "1"

    def resolved(path):
        return str(Path(path).resolve())

    real_train, real_export = api.train, task.export_saved_model
    monkeypatch.setattr(api, "train", train)
    monkeypatch.setattr(api, "from_pretrained", lambda name="pt_en", jit_compile=False: train())
    monkeypatch.setattr(task, "export_saved_model", export)
    monkeypatch.setattr(tf.saved_model, "load", lambda path: _load_saved_model(resolved(path)))
    eagerly = property(lambda model: True, lambda model, value: None)
    monkeypatch.setattr(keras.Model, "run_eagerly", eagerly)  # a step or two: not worth a graph
    monkeypatch.chdir(tmp_path)
    for name in ("phrasebook-tiny", "pt_en"):  # of the quick start, and of `tft.load`'s example
        put(first_run.model_dir, f"saved_models/{name}")
    put(others / "completer", "saved_models/help")
    put(others / "classifier", "saved_models/moods")
    return tmp_path


def expected_of(comment):
    """Return what a comment says that a value is: a literal, a tuple of names, or `None`.

    Digits may be left out of a number by "…", and all of a value.
    """
    try:
        said = ast.parse(re.sub(r"(?<=\d)…", "", comment).replace("…", "..."), mode="eval").body
    except SyntaxError:
        return None  # in words
    if isinstance(said, ast.Tuple) and all(isinstance(each, ast.Name) for each in said.elts):
        return tuple(each.id for each in said.elts)
    return ast.literal_eval(said)


def assert_alike(value, expected):
    """Check that a value is of the type that is expected, and so are its parts."""
    if isinstance(expected, tuple):  # names of dimensions
        assert value.ndim == len(expected)
        return
    if expected is ...:
        return
    assert type(value) is type(expected)
    if isinstance(expected, dict):
        assert list(value) == list(expected)
        for name in expected:
            assert_alike(value[name], expected[name])
    if isinstance(expected, list):
        for one, other in zip(value, expected, strict=True):
            assert_alike(one, other)


@pytest.mark.parametrize("page", SNIPPETS)
def test_the_code_of_a_page_runs_and_answers_as_it_says(page, home):
    names = {}
    for code in SNIPPETS[page]:
        for statement, source, comment in statements_of(code):
            value = value_of(statement, source, names)
            expected = expected_of(comment) if comment else None
            if expected is not None:
                assert_alike(value, expected)


def test_the_pages_with_code_are_found():
    assert {"README.md", "docs/parts.md", "saved_models/README.md", "train"} <= SNIPPETS.keys()
