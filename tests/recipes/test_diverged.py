"""Recipes 05, 09 and 10: a loss that is not finite is said in one line; nothing is exported."""

import pytest

from tests.first_run import write_pairs

_SMALL = ("num_layers=1", "d_model=16", "num_heads=2", "d_ff=16", "max_length=40")
_TOO_FAST = ("learning_rate=1e30", "clip_norm=0", "warmup_steps=1", "schedule=noam", "xla=false")
SET = [f"--set={field}" for field in (*_SMALL, *_TOO_FAST)]


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The current directory, with text of each kind."""
    monkeypatch.chdir(tmp_path)
    write_pairs(tmp_path / "mine.tsv")
    (tmp_path / "mine.txt").write_text("the cat sat on the mat. it is flat.\n" * 300)
    rows = "".join(f"{kind}\tthe {kind} cat {n}\n" for n in range(300) for kind in ("a", "b"))
    (tmp_path / "classes.tsv").write_text(rows)
    return tmp_path


@pytest.mark.parametrize(
    ("number", "dataset", "resumes"),
    [
        pytest.param("05", "mine.tsv", True, marks=pytest.mark.long),
        ("09", "mine.txt", True),
        ("10", "classes.tsv", False),
    ],
)
def test_a_training_that_diverges_is_told_in_a_line(number, dataset, resumes, refused, home):
    small = ["--set=vocab_size=400", "--set=batch_tokens=256", "--epochs=5"]
    run = [f"--dataset={dataset}", "--run_dir=run", "--export_dir=model"]
    line = refused(number, *run, *small, *SET)
    assert "loss is" in line
    assert "at step " in line
    assert ("Continue from the last checkpoint with --resume." in line) == resumes
    assert not (home / "model").exists()
    assert not list((home / "run" / "checkpoints").glob("*.keras"))
    assert not (home / "run" / "metrics.json").exists()
