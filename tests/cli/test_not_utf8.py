"""The first line of standard input that is not UTF-8 is named, and all are translated."""

import io
import sys

import pytest

from tf_transformer.cli import translate


@pytest.mark.parametrize("end", [b"\n", b""])
def test_the_first_line_that_is_not_utf8_is_named(monkeypatch, capsys, end):
    text = "olá\n".encode() + "não".encode("latin-1") + b"\n\xff" + end
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert [line for lines in translate._waiting_lines() for line in lines] == [
        "olá".encode(),
        "não".encode("latin-1"),
        b"\xff",
    ]
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].endswith("wrong bytes are replaced: n\ufffdo")
