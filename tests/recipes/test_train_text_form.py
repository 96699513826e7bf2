"""Recipe 05 with text that is written in a form of its own."""

import json

import pytest
import tensorflow as tf

import tf_transformer as tft
from tests.first_run import PAIRS, SMALL
from tf_transformer.text import find_form


@pytest.fixture
def train(recipe, tmp_path, monkeypatch):
    """Runs recipe 05, for an epoch, on a file of lower-cased words."""
    monkeypatch.chdir(tmp_path)
    words = find_form("treebank").prepare(tf.constant(PAIRS)).numpy().tolist()
    lines = b"".join(b"%s\t%s\n" % tuple(pair) for pair in words)
    (tmp_path / "mine.tsv").write_bytes(lines)

    def run(*arguments):
        where = ["--run_dir=run", "--export_dir=model", "--export_anyway"]
        finished = recipe("05", *where, *SMALL, *arguments)
        assert finished.code == 0, finished
        return finished.out

    return run


@pytest.mark.long
def test_the_model_takes_text_as_people_write_it_and_is_scored_both_ways(
    train, tmp_path, monkeypatch
):
    exported = []  # writing it takes long
    monkeypatch.setattr(tft, "export_saved_model", lambda task, *_, **__: exported.append(task))
    out = train("--dataset=mine.tsv", "--set", "text_form=treebank", "--epochs=4")
    assert "--dataset=mine.tsv --text_form=treebank" in out
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert "tok:none" in metrics["bleu_signature"]
    assert "case:lc|eff:no|tok:13a" in metrics["detokenized"]["bleu_signature"]
    words, text = exported[0](["o gato vê um livro .", "O Gato vê um livro."])
    assert words == text

    resumed = train("--resume")  # which does not say it again
    assert "tok:none" in resumed
    assert "--text_form=treebank" in resumed


@pytest.mark.long
def test_its_saved_model_takes_text_as_people_write_it(train, tmp_path):
    train("--dataset=mine.tsv", "--set", "text_form=treebank", "--epochs=4")
    words, text = tft.load(tmp_path / "model")(["o gato vê um livro .", "O Gato vê um livro."])
    assert words == text
