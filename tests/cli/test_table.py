"""Tables are plain text in a pipe, and ruled in a terminal."""

from rich.console import Console

from tf_transformer.cli import table
from tf_transformer.cli.table import print_table

ROWS = [["avó", 7, "1,000.5", "-"], ["猫", 12, "−3", "12 %"], ["a\u0303", 3, "+4", ""]]


def test_a_table_sets_numbers_to_the_right(capsys):
    print_table(["", "n", "many", "share"], ROWS)
    assert capsys.readouterr().out.splitlines() == [
        "        n     many  share",
        "  avó   7  1,000.5      -",
        "  猫   12       −3   12 %",
        "  a\u0303     3       +4",
    ]


def test_a_row_is_a_line_however_long_and_text_is_shown_as_it_is(capsys):
    long = "[bold]word[/bold] :smile: " * 50
    print_table(["text", "n"], [[long, 1], ["", 2]])
    assert capsys.readouterr().out.splitlines() == [
        f"  text{' ' * (len(long) - 4)}  n",
        f"  {long}  1",
        f"  {' ' * len(long)}  2",
    ]


def test_a_table_without_rows_is_its_header(capsys):
    print_table(["a", "b"], [])
    assert capsys.readouterr().out == "  a  b\n"


def test_in_a_terminal_the_header_is_ruled_off_and_long_cells_are_wrapped(capsys, monkeypatch):
    monkeypatch.setattr(
        table, "Console", lambda: Console(force_terminal=True, width=30, color_system=None)
    )
    print_table(["text", "n"], [["seven words that need more than a line", 1]])
    header, rule, *rows = capsys.readouterr().out.strip("\n").splitlines()
    assert header.split() == ["text", "n"]
    assert set(rule.strip()) == {"─"}
    assert len(rows) > 1
