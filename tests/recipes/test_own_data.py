"""Small files of the user's own are learned by the defaults alone."""

import json

import pytest

from tests.first_run import write_pairs

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture
def train(recipe, tmp_path, monkeypatch):
    """Runs a recipe on a file with nothing else set; returns its metrics and plan."""
    monkeypatch.chdir(tmp_path)
    write_pairs(tmp_path / "mine.tsv")

    def run(number, dataset, text=None):
        if text:
            (tmp_path / dataset).write_text(text, encoding="utf-8")
        where = [f"--dataset={dataset}", "--run_dir=run", "--export_dir=model"]
        finished = recipe(number, *where)
        assert finished.code == 0, finished
        (plan,) = (line for line in finished.out.splitlines() if "Training " in line)
        return json.loads((tmp_path / "run" / "metrics.json").read_text()), plan

    return run


def test_a_translator(train):
    metrics, plan = train("05", "mine.tsv")
    assert "(60 passes over the data, 1 step each)" in plan
    assert metrics["chrf"] > 60
    assert metrics["config"]["training"]["passes"] == 60


def test_a_language_model_of_twenty_lines(train):
    lines = [
        f"the {a} {b} sat on the mat.\n" for a in ("old", "red", "wet", "sad") for b in "abcde"
    ]
    metrics, plan = train("09", "mine.txt", "".join(lines))
    assert "up to 8 epochs of 75 steps" in plan
    assert metrics["perplexity"] < 3  # of some twenty characters
