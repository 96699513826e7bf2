"""Recipes start quietly, and a user's mistake gets one line and exit code 2."""

import errno
import io
import os
import subprocess
import sys

import pytest
from absl import flags

from tf_transformer.errors import UserError


@pytest.fixture(scope="module")
def command_line():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")  # this process's logging stays as it is
        from tf_transformer.cli import command_line
    return command_line


@pytest.fixture
def run(command_line, monkeypatch, capsys):
    """Run a recipe's `main` with arguments; return its exit code and what it printed."""

    def run(main, *arguments, **options):
        monkeypatch.setattr(sys, "argv", ["recipe.py", *arguments])
        with pytest.raises(SystemExit) as exit:
            command_line.run(main, **options)
        return exit.value.code or 0, *capsys.readouterr()

    yield run
    flags.FLAGS.unparse_flags()


def raising(error):
    def main():
        raise error

    return main


def test_main_gets_the_arguments_that_are_not_flags(run):
    seen = []
    assert run(seen.append, "bom dia", "obrigado", positional=True) == (0, "", "")
    assert run(seen.append, positional=True) == (0, "", "")
    assert seen == [["bom dia", "obrigado"], []]


def test_a_recipe_without_positional_arguments_refuses_them(run):
    code, out, err = run(raising(AssertionError()), "epochs=3")
    assert (code, out) == (2, "")
    assert err == "error: 'epochs=3' is not a flag: write --NAME=VALUE.\n"


def test_a_mistake_of_the_users_is_one_line(run):
    code, out, err = run(raising(UserError("run_dir=x is a file:\n  choose another.")))
    assert (code, out, err) == (2, "", "error: run_dir=x is a file: choose another.\n")


def test_an_advice_names_flags_where_the_library_names_arguments(run):
    mistake = UserError("set another verbosity=0 (or tokenizer=characters), not 'verbosity=1'.")
    _, _, err = run(raising(mistake))
    assert err == (
        "error: set another --verbosity=0 (or tokenizer=characters), not 'verbosity=1'.\n"
    )
    _, _, err = run(raising(UserError("go on with logtostderr=True, or choose another.")))
    assert err == "error: go on with --logtostderr, or choose another.\n"


def test_an_unknown_flag_is_one_line(run):
    code, out, err = run(raising(AssertionError()), "--no_such_flag=3")
    assert (code, out) == (2, "")
    assert err.startswith("error: Unknown command line flag 'no_such_flag'")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "checkpoints/step.keras"),
        RuntimeError("unable to write:\nNo space left on device"),
    ],
)
def test_a_full_disk_is_one_line(run, error):
    code, out, err = run(raising(error))
    assert (code, out) == (2, "")
    assert err.startswith("error: the disk is full (")
    assert err.count("\n") == 1


def test_ctrl_c_exits_with_130(run):
    assert run(raising(KeyboardInterrupt())) == (130, "", "\nInterrupted.\n")


def test_a_path_that_cannot_be_used_is_one_line(run):
    code, out, err = run(raising(PermissionError(13, "Permission denied", "/runs")))
    assert (code, out) == (2, "")
    assert err == "error: [Errno 13] Permission denied: '/runs'\n"


def test_what_is_printed_in_any_encoding_never_fails(command_line, monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(sys, "argv", ["recipe.py"])
    monkeypatch.setattr(sys, "stdout", out)
    with pytest.raises(SystemExit) as exit:
        command_line.run(lambda: print("João → \udce9"))
    out.flush()
    assert exit.value.code is None
    assert out.buffer.getvalue() == rb"Jo\xe3o \u2192 \udce9" + b"\n"


@pytest.mark.parametrize("error", [KeyError("oops"), ValueError("oops"), TypeError("oops")])
def test_an_error_of_the_program_is_not_hidden(command_line, monkeypatch, error):
    monkeypatch.setattr(sys, "argv", ["recipe.py"])
    with pytest.raises(type(error)) as raised:
        command_line.run(raising(error))
    assert raised.value is error


RECIPE = """
from tf_transformer.cli import command_line
import os, sys
import tensorflow as tf
tf.constant(1) + 1
sys.stderr.write("still there")
import tensorflow_text
def main():
    print("first line", flush=True)
    raise RuntimeError("a bug")
command_line.run(main)
"""


def test_start_up_is_quiet_and_a_traceback_is_not():
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TF_CPP")}
    result = subprocess.run(
        [sys.executable, "-c", RECIPE], capture_output=True, text=True, env=environment
    )
    assert result.stdout == "first line\n"
    before, traceback, after = result.stderr.partition("Traceback (most recent call last)")
    assert before == "still there"
    assert traceback
    assert after.endswith("RuntimeError: a bug\n")
    assert result.returncode == 1


def test_a_claim_that_holds_is_printed_and_another_raises(command_line, capsys):
    command_line.claim(1 < 2, "one is less than two")
    assert capsys.readouterr().out == "  ✓ one is less than two\n"
    with pytest.raises(AssertionError, match="does not hold: two is less than one"):
        command_line.claim(2 < 1, "two is less than one")
