"""The closing table: a row for each wish, from JSON, and into a README."""

import pytest

from benchmarks.comparison import Comparison, Result, at_most, save
from benchmarks.report import load_reports, markdown, put_between_markers, rows


@pytest.fixture
def reports(tmp_path):
    ours = Result("ours", "2 × 1", [30.0], peak_memory_mb=900)
    peer = Result("peer", "1 × 2", [10.0], at_least=2, aim=4)
    save(tmp_path / "train_step.json", [Comparison("Training", "tokens/s", [ours, peer])])
    unwished = Result("other", "1 × 1", [10.0])
    peak = Result("ours", "", [900])
    save(
        tmp_path / "decode.json",
        [Comparison("Speed", "s", [ours, unwished]), at_most("Memory", "MB", peak, 600)],
    )
    return load_reports(tmp_path)


def test_each_wish_has_a_row_with_both_medians_and_a_verdict(reports):
    assert rows(reports) == [
        (
            "Training, tokens/s",
            "30 (2 × 1)",
            "peer",
            "10 (1 × 2)",
            "3.00 ×",
            "2.00 ×",
            "4.00 ×",
            "met",
        ),
        ("Memory, MB", "900", "at most", "600", "0.67 ×", "1.00 ×", "", "missed"),
    ]


def test_the_table_is_markdown_of_lines_that_are_equally_long(reports):
    header, rule, *lines = markdown(reports).split("\n\n")[0].splitlines()
    assert set(rule) == {"|", "-", " "}
    assert len({len(line) for line in (header, rule, *lines)}) == 1
    assert len(lines) == 2


def test_the_table_takes_the_place_of_the_old_one_and_leaves_the_rest(reports):
    readme = "A\n<!-- benchmarks: begin -->\nold\n<!-- benchmarks: end -->\nB\n"
    first = put_between_markers(readme, markdown(reports))
    assert "old" not in first
    assert first.startswith("A\n<!--")
    assert first.endswith("-->\nB\n")
    assert put_between_markers(first, markdown(reports)) == first


def test_a_file_without_markers_is_refused(reports):
    with pytest.raises(ValueError, match="no lines <!-- benchmarks: begin"):
        put_between_markers("A\nB\n", markdown(reports))
