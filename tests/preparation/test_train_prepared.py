"""Training on a prepared corpus: as on any other, and interrupted as if it never was."""

import os
import subprocess
import sys

import pytest

import tf_transformer as tft
from tests.first_run import PAIRS
from tf_transformer.training import Checkpoints, Run

SMALL = {
    "num_layers": 1,
    "d_model": 32,
    "d_ff": 64,
    "learning_rate": 0.01,
    "warmup_steps": 30,
    "batch_tokens": 256,
    "patience": 0,
    "dropout": 0.1,
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("train")
    rows = [f"{number} {s}\t{number} {t}\n" for number in range(12) for s, t in PAIRS]
    (folder / "mine.tsv").write_text("".join(rows))
    tft.prepare(
        str(folder / "mine.tsv"), folder / "prepared", preset="tiny", vocab_size=320, processes=1
    )
    return str(folder / "prepared")


def test_it_learns_and_is_scored(prepared, tmp_path):
    translator = tft.train(prepared, run_dir=tmp_path / "run", epochs=8, passes=1, **SMALL)
    assert translator.card.scores.bleu > 30
    facts = translator.card.corpus
    assert facts.name.endswith("mine.tsv")
    assert facts.size == 12 * len(PAIRS) - 2 * (12 * len(PAIRS) // 50)


def test_a_run_on_other_ids_is_not_resumed(prepared, tmp_path):
    run_dir = tmp_path / "run"
    tft.train(prepared, run_dir=run_dir, epochs=1, passes=1, **SMALL)
    other = tmp_path / "other"
    (tmp_path / "mine.tsv").write_text(
        "".join(f"{number} {t}\t{number} {s}\n" for number in range(12) for s, t in PAIRS)
    )
    tft.prepare(str(tmp_path / "mine.tsv"), other, preset="tiny", vocab_size=320, processes=1)
    run = Run.open(run_dir)
    text = (run_dir / "config.json").read_text()
    (run_dir / "config.json").write_text(text.replace(prepared, str(other)))
    with pytest.raises(tft.UserError, match="other batches"):
        tft.train(run_dir=run_dir, resume=True, epochs=2)
    assert Checkpoints(run.checkpoint_dir)


def test_interrupted_it_ends_with_the_same_weights(prepared, tmp_path):
    options = dict(epochs=3, passes=1, seed=3, **SMALL)
    tft.train(prepared, run_dir=tmp_path / "straight", **options)
    tft.train(prepared, run_dir=tmp_path / "stopped", max_minutes=1e-4, **options)
    tft.train(run_dir=tmp_path / "stopped", resume=True, max_minutes=0)
    one, other = (Run.open(tmp_path / name) for name in ("straight", "stopped"))
    epochs = [Checkpoints(run.checkpoint_dir).epochs for run in (one, other)]
    assert [e["loss"] for e in epochs[0]] == [e["loss"] for e in epochs[1]]
    assert [e["val_loss"] for e in epochs[0]] == [e["val_loss"] for e in epochs[1]]


def test_the_command_prepares_and_says_how_to_train(tmp_path):
    (tmp_path / "mine.tsv").write_text(
        "".join(f"{number} {s}\t{number} {t}\n" for number in range(12) for s, t in PAIRS)
    )
    command = [sys.executable, "-m", "tf_transformer.cli", "prepare", "--dataset=mine.tsv"]
    command += ["--output_dir=out", "--preset=tiny", "--vocab_size=320", "--processes=2"]
    found = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "COLUMNS": "80"}
    )
    assert found.returncode == 0, found.stderr
    assert "--dataset=out --preset=tiny" in found.stdout
    assert "warning" not in found.stderr.replace("repeat", "")
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert again.returncode == 2
    assert "out exists already" in again.stderr
    assert again.stderr.count("\n") == 1
