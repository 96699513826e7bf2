"""Files of the user's own, small ones and larger ones, are learned by the defaults alone."""

import json

import pytest

import tf_transformer as tft
from tests.own_files import labelled, lines, pairs

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture
def train(recipe, tmp_path, monkeypatch):
    """Runs a recipe on a file with nothing else set; returns its metrics."""
    monkeypatch.chdir(tmp_path)

    def run(number, dataset, text):
        (tmp_path / dataset).write_text(text, encoding="utf-8")
        where = [f"--dataset={dataset}", "--run_dir=run", "--export_dir=model"]
        finished = recipe(number, *where)
        assert finished.code == 0, finished
        return json.loads((tmp_path / "run" / "metrics.json").read_text())

    return run


@pytest.mark.parametrize(("source", "count"), [("pt", 20), ("de", 60)])
def test_a_translator_learns_few_pairs_by_heart(source, count, train):
    text = pairs(source, "en", count)
    train("05", "mine.tsv", text)
    sources, targets = zip(*(line.split("\t") for line in text.splitlines()), strict=True)
    found = tft.load("model")(list(sources))
    assert sum(map(str.__eq__, found, targets)) > 0.8 * count  # a tenth was not trained on


@pytest.mark.parametrize(
    ("source", "target", "count", "chrf"),
    [
        ("pt", "en", 200, 80),
        ("en", "zh", 400, 60),
        ("ru", "en", 1_000, 90),
        ("en", "ar", 2_000, 90),
        ("hi", "el", 5_000, 90),
    ],
)
def test_a_translator_learns_pairs(source, target, count, chrf, train):
    assert train("05", "mine.tsv", pairs(source, target, count))["chrf"] > chrf


@pytest.mark.parametrize(
    ("language", "count", "most"), [("en", 20, 4), ("el", 400, 2.5), ("zh", 5_000, 2.5)]
)
def test_a_language_model_learns_lines(language, count, most, train):
    # Of some thirty characters, or of a hundred.
    assert train("09", "mine.txt", lines(language, count))["perplexity"] < most


@pytest.mark.parametrize(("language", "count"), [("en", 40), ("hi", 400), ("ru", 2_000)])
def test_a_classifier_learns_labelled_lines(language, count, train):
    assert train("10", "mine.tsv", labelled(language, count))["accuracy"] > 0.9


def test_a_recurrent_translator_learns_pairs(recipe, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.tsv").write_text(pairs("de", "en", 500), encoding="utf-8")
    finished = recipe("03", "--dataset=mine.tsv", "--run_dir=runs", "--models=additive")
    assert finished.code == 0, finished
    metrics = json.loads((tmp_path / "runs" / "additive" / "metrics.json").read_text())
    assert metrics["chrf"] > 80
