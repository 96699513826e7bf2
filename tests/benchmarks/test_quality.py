"""The figures of the table of engines, of translations that are known."""

import pytest

from benchmarks.quality import measure, row


def lengths(texts):
    return float(sum(map(len, texts)))


@pytest.fixture
def directory(tmp_path):
    for name, size in {
        "model.tflite": 1_500_000,
        "tokenizer/tokenizer.model": 9,
        "a.json": 9,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * size)
    return tmp_path


def test_a_row_has_what_is_the_same_what_it_is_worth_and_the_size_of_the_weights(directory):
    ours = measure([["a", "b"], ["ccc", "d"]], directory, lengths)
    theirs = measure([["a", "x"], ["c", "d"]], directory, lengths)
    assert row("Theirs", theirs, ours) == "| Theirs | 50.0% | 50.0% | 2.00 | 2.00 | 1.5 |"
    assert theirs.loss(ours) == 2  # of the beam
    assert ours.loss(theirs) == 0  # of greedy search
