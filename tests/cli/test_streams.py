"""Output never fails, and arguments are valid text."""

import io
import subprocess
import sys

import pytest

from tests.first_run import environment, run_recipe
from tf_transformer.cli.streams import make_output_safe, valid_texts


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("ascii", rb"Jo\xe3o \u2192 \U0001f600 \udce9"),
        ("cp1252", b"Jo\xe3o " + rb"\u2192 \U0001f600 \udce9"),
        ("utf-8", "João → 😀 ".encode() + rb"\udce9"),
    ],
)
def test_a_character_that_an_encoding_lacks_is_written_by_its_number(
    encoding, written, monkeypatch
):
    outputs = [io.TextIOWrapper(io.BytesIO(), encoding) for _ in range(2)]
    monkeypatch.setattr(sys, "stdout", outputs[0])
    monkeypatch.setattr(sys, "stderr", outputs[1])
    make_output_safe()
    for output in outputs:
        output.write("João → 😀 \udce9")
        output.flush()
        assert output.buffer.getvalue() == written


def test_outputs_of_another_kind_are_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setattr(sys, "stderr", None)  # as of a program without a console
    make_output_safe()


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        ("--text=caf\udce9 frio", "--text=caf\ufffd frio"),
        ("\ud83dx", "\ufffdx"),
        ("x\udfff\ud800", "x\ufffd\ufffd"),
        ("\ud83d\ude00", "😀"),  # the halves of one character, side by side
        ("João → 😀\x00", "João → 😀\x00"),
        ("", ""),
    ],
)
def test_what_is_no_character_is_replaced(argument, text):
    assert valid_texts([argument, "b"]) == [text, "b"]
    text.encode()


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_help_is_printed_in_any_encoding(encoding):
    for arguments in (["--help"], ["translate", "--help"]):
        finished = subprocess.run(
            [sys.executable, "-m", "tf_transformer.cli", *arguments],
            capture_output=True,
            env=environment() | {"PYTHONIOENCODING": encoding},
        )
        assert (finished.returncode, finished.stderr) == (0, b"")


@pytest.mark.long
def test_a_translation_is_printed_in_ascii(first_run, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    model_dir = f"--model_dir={first_run.model_dir}"
    found = run_recipe("06_translate.py", model_dir, "o pão →", "--n_best=4", cwd=first_run.home)
    assert found.returncode == 0, found
    assert len(found.stdout.splitlines()) == 4
    assert found.stdout.isascii()
