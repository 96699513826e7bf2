"""What a trained translator is scored on."""

import pytest

from tf_transformer.data import load_corpus
from tf_transformer.training import score_run


class Stop(Exception):
    pass


def test_pairs_with_a_blank_side_are_not_scored_and_that_is_said(
    trained, tmp_path, monkeypatch, capsys
):
    def evaluate(translate, pairs, *options):
        assert list(pairs) == [("bom dia.", "good morning."), ("obrigado!", "thank you!")]
        raise Stop

    monkeypatch.setitem(score_run.__globals__, "evaluate", evaluate)
    monkeypatch.setitem(score_run.__globals__, "write_embeddings", lambda *_: None)
    path = tmp_path / "mine.tsv"
    path.write_text("bom dia.\tgood morning.\n\tnothing\nobrigado!\tthank you!\nnada\t\u200b\n")
    with pytest.raises(Stop):
        score_run(trained.run, load_corpus(str(path)), split="all")
    said = capsys.readouterr()
    assert "mine.tsv, all: 2 pairs with a blank side left out of the score." in said.err
    assert "Translating the 2 sentences of " in said.out
