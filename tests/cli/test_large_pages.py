"""A training starts anew with large pages, once, and only where the system has them."""

import os
import sys

import pytest

from tf_transformer.cli import command_line, large_pages, program_flags
from tf_transformer.cli.programs import PROGRAMS

NAMES = {"tft", "tf_transformer.cli", "05_train.py"}


@pytest.fixture
def started(monkeypatch, tmp_path):
    """A Linux with large pages on request: returns the commands that replaced the process."""
    commands = []
    switch = tmp_path / "enabled"
    switch.write_text("always [madvise] never\n")
    monkeypatch.setattr(large_pages, "_SWITCH", switch)
    monkeypatch.setattr(os, "execv", lambda path, command: commands.append(command))
    monkeypatch.setattr(os, "confstr", lambda name: "glibc 2.36", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(sys, "executable", "/bin/python")
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", "tf_transformer.cli", "train"])
    monkeypatch.setenv("GLIBC_TUNABLES", "")  # to be put back after the test
    monkeypatch.delenv("GLIBC_TUNABLES")
    return commands


@pytest.mark.parametrize(
    "arguments",
    [
        ["-m", "tf_transformer.cli", "train"],
        ["/usr/bin/tft", "train", "--epochs=1"],
        ["-X", "utf8", "recipes/05_train.py"],
    ],
)
def test_the_same_command_starts_anew_once(started, monkeypatch, arguments):
    monkeypatch.setattr(sys, "orig_argv", ["python", *arguments])
    large_pages.take_large_pages(NAMES)
    assert started == [["/bin/python", *arguments]]
    assert "glibc.malloc.hugetlb=1" in os.environ["GLIBC_TUNABLES"]
    large_pages.take_large_pages(NAMES)
    assert len(started) == 1


@pytest.mark.parametrize("arguments", [["-m", "pytest"], ["-c", "import this"], []])
def test_a_process_that_was_started_for_something_else_goes_on(started, monkeypatch, arguments):
    monkeypatch.setattr(sys, "orig_argv", ["python", *arguments])
    large_pages.take_large_pages(NAMES)
    assert not started
    assert "GLIBC_TUNABLES" not in os.environ


@pytest.mark.parametrize("value", ["", "glibc.malloc.check=1"])
def test_what_the_user_has_set_stays(started, monkeypatch, value):
    monkeypatch.setenv("GLIBC_TUNABLES", value)
    large_pages.take_large_pages(NAMES)
    assert not started
    assert os.environ["GLIBC_TUNABLES"] == value


@pytest.mark.parametrize("library", ["glibc 2.34", "", None])
def test_other_libraries_are_left_alone(started, monkeypatch, library):
    monkeypatch.setattr(os, "confstr", lambda name: library)
    large_pages.take_large_pages(NAMES)
    assert not started


def test_other_systems_are_left_alone(started, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    large_pages.take_large_pages(NAMES)
    assert not started


def test_a_system_without_large_pages_is_left_alone(started, monkeypatch, tmp_path):
    large_pages._SWITCH.write_text("always madvise [never]\n")
    large_pages.take_large_pages(NAMES)
    monkeypatch.setattr(large_pages, "_SWITCH", tmp_path / "missing")
    large_pages.take_large_pages(NAMES)
    assert not started


@pytest.mark.parametrize("verb", PROGRAMS)
def test_only_a_training_asks_for_them_and_by_all_its_names(verb, monkeypatch):
    asked = []
    monkeypatch.setattr(sys, "argv", [f"tft {verb}"])
    monkeypatch.setattr(program_flags, "define", lambda verb: None)
    monkeypatch.setattr(command_line, "take_large_pages", asked.append)
    monkeypatch.setattr(command_line, "run", lambda main, positional: None)
    command_line.run_program(verb)
    names = {"tft", "tf_transformer.cli", "05_train_translator.py"}
    assert asked == ([names] if verb == "train" else [])
