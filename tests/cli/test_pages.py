"""Recipes are notebooks and scripts: a page's settings are its flags."""

import contextlib
import runpy
import sys
import types

import pytest
from absl.flags import FLAGS

import tf_transformer as tft

PAGE = """# %% [markdown]
# # A page of ours

# %%
import tf_transformer as tft

lines = 2_000  # lines to learn from; try 500
rate = 0.5  # how fast
wide = False  # whether it is wide
words = ["a", "b"]  # words to look at
text = "phrasebook"  # what is read
tft.cli.take_flags(globals())
seen = lines, rate, wide, words, text
if text == "none":
    raise tft.UserError(f"{text}: there is no such text.")
"""


@pytest.fixture
def page(tmp_path, monkeypatch):
    """Runs the page with flags; returns what it saw."""
    path = tmp_path / "page.py"
    path.write_text(PAGE)
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    others = set(FLAGS)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", [str(path), *arguments])
        return runpy.run_path(str(path), run_name="__main__")["seen"]

    yield run
    for name in set(FLAGS) - others:
        delattr(FLAGS, name)


def test_settings_are_what_the_page_says(page):
    assert page() == (2000, 0.5, False, ["a", "b"], "phrasebook")


def test_flags_change_the_settings(page):
    flags = ["--lines=3", "--rate=2", "--wide", "--words=x,y,z", "--text=mine.txt"]
    assert page(*flags) == (3, 2.0, True, ["x", "y", "z"], "mine.txt")


def test_help_lists_the_settings(page, capsys):
    with pytest.raises(SystemExit):
        page("--help")
    title, _, usage, *_, lines, _, _, _, _ = capsys.readouterr().out.splitlines()
    assert title == "A page of ours."
    assert usage == "Usage: python recipes/page.py [--NAME=VALUE …]"
    assert lines.split(maxsplit=1) == ["--lines", "Lines to learn from; try 500. Default: 2000."]


@pytest.mark.parametrize("mistake", ["--lines=many", "--line=3", "more"])
def test_a_mistake_is_answered_in_a_line(page, capsys, mistake):
    with pytest.raises((SystemExit, tft.UserError)) as raised:
        page(mistake)
    if raised.type is tft.UserError:  # Python calls the hook of a script
        assert _code_of_hook(raised.value) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_only_what_the_user_can_mend_is_a_line(page, capsys):
    with pytest.raises(tft.UserError) as raised:
        page("--text=none")
    assert _code_of_hook(raised.value) == 2
    assert capsys.readouterr().err == "error: none: there is no such text.\n"
    assert _code_of_hook(ZeroDivisionError("a mistake of ours")) is None
    assert capsys.readouterr().err.endswith("ZeroDivisionError: a mistake of ours\n")


def test_a_notebook_has_no_command_line(page, monkeypatch):
    shell = types.SimpleNamespace(kernel=None)
    ipython = types.SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    assert page("-f", "kernel.json")[0] == 2000
    tft.cli.run_as_script("train")  # goes on


def _code_of_hook(error):
    """Calls the hook that the page has set, as Python does; returns the exit code."""
    with contextlib.suppress(Exception):
        try:
            sys.excepthook(type(error), error, error.__traceback__)
        except SystemExit as exit:
            return exit.code
