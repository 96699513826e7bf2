"""The book's links lead to files, names and lines of code that exist."""

import importlib
import inspect
import re
from pathlib import Path

import pytest

import tf_transformer as tft
from tests.pages import PAGES, ROOT, relative
from tests.source_lines import line_of

DOCS = Path(__file__).parents[1] / "docs"


def pointers_of(text):
    """Return links to code: each `(file, name, code)`, the latter two from the link's title."""
    found = re.findall(r"""\]\(\.\./(\S+\.py) (["'])(.+?)\2\)""", text)
    return [(file, *title.partition(": ")[::2]) for file, _, title in found]


POINTERS = sorted(
    {
        pointer
        for page in DOCS.glob("*.md")
        for pointer in pointers_of(page.read_text(encoding="utf-8"))
    }
)
PAPER = (DOCS / "from_paper_to_code.md").read_text(encoding="utf-8")
EQUATIONS = [
    row
    for row in PAPER.partition("## Equations")[2].partition("\n## ")[0].splitlines()
    if row.startswith(("| eq.", "| section"))
]
ENCODER = "tf_transformer/layers/encoder.py"


@pytest.fixture
def from_docs(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS))
    return importlib.import_module


@pytest.mark.parametrize(("file", "name", "code"), POINTERS)
def test_what_a_page_points_at_is_there(file, name, code):
    lines = (DOCS.parent / file).read_text(encoding="utf-8").splitlines()
    assert (code or name.split(".")[-1]) in lines[line_of(file, name, code) - 1]


@pytest.mark.parametrize("row", EQUATIONS)
def test_an_equation_points_at_the_code_of_its_formula(row):
    pointers = pointers_of(row)
    assert pointers
    for file, name, code in pointers:
        assert code
        assert line_of(file, name, code) > line_of(file, name)


def test_every_equation_of_the_paper_has_a_row():
    assert [row[2:7] for row in EQUATIONS if row.startswith("| eq.")] == ["eq. 1", "eq. 2", "eq. 3"]


def test_what_is_not_there_is_an_error():
    with pytest.raises(KeyError, match=r"no Encoder\.nothing"):
        line_of(ENCODER, "Encoder.nothing")


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("self.cross_attention_residual", 0),
        ("residual(x", 2),
        ("*Attention Is All You Need*", 0),  # in a docstring alone
        ("return_weights: bool", 0),  # in the head alone
    ],
)
def test_code_that_does_not_say_which_line_is_meant_is_an_error(code, lines):
    with pytest.raises(KeyError, match=rf"in {lines} lines of EncoderLayer\.call"):
        line_of(ENCODER, "EncoderLayer.call", code)


DOCSTRING = """Doubles `x`s.

    y = 2 |x| * `z`

Args:
    x: a number.

Example:
    ```python
    double(`a`s)
    ```
"""


def test_the_markdown_of_docstrings_becomes_what_sphinx_reads(from_docs):
    assert from_docs("docstrings").to_rst(DOCSTRING).splitlines() == [
        "Doubles `x`\\ s.",
        "",
        "::",
        "",
        "    y = 2 |x| * `z`",
        "",
        "Args:",
        "    x: a number.",
        "",
        "Example:",
        "    .. code-block:: python",
        "",
        "        double(`a`s)",
        "",
    ]


SCRIPTS = [
    path for name in ("recipes", "benchmarks") for path in sorted((ROOT / name).rglob("*.py"))
]


def names_of(path):
    """Return the names below `tft.` that a file has, except those that a changelog calls old."""
    text = path.read_text(encoding="utf-8")
    if path.name == "CHANGELOG.md":
        text = re.sub(r"^\|[^|]*\|", "", text, flags=re.MULTILINE)
    return sorted(set(re.findall(r"\btft\.([A-Za-z_]\w*(?:\.\w+)*)", text)))


@pytest.mark.parametrize("path", [*PAGES, *SCRIPTS], ids=relative)
def test_every_name_of_the_package_that_is_written_exists(path):
    for name in names_of(path):
        thing = tft
        for part in name.split("."):
            if not (inspect.ismodule(thing) or inspect.isclass(thing)):
                break  # what follows belongs to an object
            assert hasattr(thing, part), f"tft.{name}"
            thing = getattr(thing, part)


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_link_to_a_file_leads_to_one(page):
    for link in re.findall(r"""\]\(([^)\s]+)(?: ["'].+?["'])?\)""", page.read_text("utf-8")):
        path, _, _ = link.partition("#")
        if path and "://" not in path:
            assert (page.parent / path).exists(), link


def test_links_lead_to_pages_of_the_book(from_docs, tmp_path):
    docs, recipes = tmp_path / "docs", tmp_path / "recipes"
    for made in ("made/01_tokenize.ipynb", "made/api_layers.md", "map.md", "errors/index.md"):
        (docs / made).parent.mkdir(exist_ok=True, parents=True)
        (docs / made).touch()

    def linked(text, folder=docs):
        return from_docs("book_links").to_pages(text, folder, docs)

    page = "[text](/made/01_tokenize.ipynb)"
    assert linked("[text](../recipes/01_tokenize.py)") == page
    assert linked("[text](01_tokenize.py)", recipes) == page
    assert linked("[`layers`](../tf_transformer/layers)") == "[`layers`](/made/api_layers.md)"
    assert linked("[map](../docs/map.md)", recipes) == "[map](/map.md)"
    assert linked("[map](../map.md)", docs / "errors") == "[map](/map.md)"
    assert linked("[results](../recipes/results) are") == "results are"
    for same in ("[site](https://a.b/c.py)", "```python\nlayers[0](x)\n```\n"):
        assert linked(same) == same
