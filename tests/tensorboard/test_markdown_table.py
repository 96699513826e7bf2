"""TensorBoard shows texts as they are written, whatever they mean in Markdown."""

import html
import re

import pytest
from tensorboard.plugin_util import markdown_to_safe_html

from tf_transformer.tensorboard.markdown_table import escape_markdown, markdown_table

TEXTS = [
    "*a* and **b** and _c_",
    "a | b",
    "| a |",
    "<a href='x'>y</a> <b>",
    "`code`",
    "```",
    "~~~",
    "# head",
    "> said",
    "- one",
    "1. one",
    "---",
    "===",
    ":---:",
    "&amp; & &#42;",
    "\\* \\\\ \\|",
    "[a](b) ![a](b) [a]: b",
    "http://a.b <http://a.b> a@b.c",
    "$x_1$ ^y^",
    "",
]


def cells(markdown):
    """Return the texts of a table's cells, row by row, as a browser shows them."""
    page = markdown_to_safe_html(markdown)
    assert page.startswith("<table>")
    assert page.endswith("</table>")
    rows = re.findall(r"<tr>(.*?)</tr>", page.split("<tbody>")[1], flags=re.DOTALL)
    return [re.findall("<td>(.*?)</td>", row, flags=re.DOTALL) for row in rows]


def as_seen(cell):
    assert not re.search("<(?!br>)", cell)
    return html.unescape(cell.replace("<br>", "\n")).replace("\xa0", " ")


def test_each_text_is_shown_as_it_is_written():
    table = markdown_table({"first": TEXTS, "second": TEXTS[::-1]}, 99)
    seen = [[as_seen(cell) for cell in row] for row in cells(table)]
    assert seen == [list(row) for row in zip(TEXTS, TEXTS[::-1], strict=True)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x1c"])
def test_an_end_of_line_stays_in_its_cell(end):
    table = markdown_table({"a": [f"one{end}two", "three"], "b": ["x", "y"]}, 9)
    assert len(table.splitlines()) == 4
    seen = [[as_seen(cell) for cell in row] for row in cells(table)]
    assert seen == [["one\ntwo", "x"], ["three", "y"]]


def test_spaces_between_words_are_all_shown():
    assert as_seen(markdown_to_safe_html(escape_markdown("a   b"))[3:-4]) == "a   b"
    assert "&#160;" in escape_markdown("a   b")


def test_ordinary_text_is_not_changed():
    assert escape_markdown("good morning, it's half past 3.") == "good morning, it's half past 3."


def test_a_table_has_no_more_rows_than_asked_for():
    assert markdown_table({"a": "xyz", "b": "uvw"}, 2) == "a | b\n--- | ---\nx | u\ny | v"
