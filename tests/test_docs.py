"""The book points at lines that exist."""

import re
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
POINTERS = sorted(
    {
        pointer
        for page in DOCS.glob("*.md")
        for pointer in re.findall(r"\{line\}`([^`]+)`", page.read_text(encoding="utf-8"))
    }
)


@pytest.fixture(scope="module")
def line_of():
    sys.path.insert(0, str(DOCS))
    from source_lines import line_of

    yield line_of
    sys.path.remove(str(DOCS))


@pytest.mark.parametrize("pointer", POINTERS)
def test_what_a_page_points_at_is_there(line_of, pointer):
    file, name = pointer.split(":")
    lines = (DOCS.parent / file).read_text(encoding="utf-8").splitlines()
    assert name.split(".")[-1] in lines[line_of(file, name) - 1]


def test_what_is_not_there_is_an_error(line_of):
    with pytest.raises(KeyError, match=r"no Encoder\.nothing"):
        line_of("tf_transformer/layers/encoder.py", "Encoder.nothing")
