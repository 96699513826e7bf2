"""Alignments are scored by those that were made by hand, whose files are in order."""

from pathlib import Path

import pytest

import tf_transformer as tft
from benchmarks.aligned_words import Aligned, Looks, read_aligned, score

FILES = sorted(Path("benchmarks/aligned").glob("*.tsv"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_all_words_of_the_translations_are_aligned_by_hand(file):
    rows = read_aligned(file)
    assert len(rows) == 30
    for row in rows:
        sources, targets = zip(*row.possible, strict=True)
        assert row.sure <= row.possible
        assert set(targets) == {*range(len(row.target.split()))}, row
        assert set(sources) <= {*range(len(row.source.split()))}, row


def test_the_error_rate_is_that_of_och_and_ney():
    row = Aligned("a b", "c d e", sure={(0, 0), (1, 1)}, possible={(0, 0), (1, 1), (1, 2)})
    assert score([row], ["0-0 1-1 1-2"]).error_rate == 0
    found = score([row, row], ["0-0 0-1 1-2", "0-0 1-1 0-2"])
    assert (found.right, found.words) == (4, 6)
    assert found.error_rate == pytest.approx(1 - (3 + 4) / (6 + 4))


@pytest.mark.long
def test_the_translator_in_the_box_aligns_most_words_and_shares_help_it():
    for file in FILES:
        looks = Looks(tft.from_pretrained("pt_en"), read_aligned(file))
        by_share = looks.score(looks.attention, by_share=True)
        assert by_share.right > 0.9 * by_share.words
        assert by_share.error_rate < 0.5 * looks.score(looks.attention, by_share=False).error_rate
