"""Recipe 03: recurrent models beside a Transformer, on a user's own file."""

import pytest

import tf_transformer as tft
from tests.first_run import write_pairs

FLAGS = ["--dataset=mine.tsv", "--run_dir=runs", "--export_dir=models", "--d_model=32"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_pairs(tmp_path / "mine.tsv")
    return tmp_path


def test_models_are_trained_scored_exported_and_drawn(recipe, here):
    finished = recipe("03", *FLAGS, "--models=multiplicative,additive", "--cell=lstm", "--epochs=1")
    assert finished.code == 0, finished
    for name in ("additive", "multiplicative"):
        assert (here / "runs" / name / "alignment.png").read_bytes().startswith(b"\x89PNG")
        assert (here / "runs" / name / "metrics.json").is_file()
        assert (here / "runs" / name / "logs" / "embeddings" / "tokens.labels.tsv").is_file()
        run = tft.Run.open(here / "runs" / name)
        assert run.load_config()[1].attention == name
        tft.load_saved_model(here / "models" / name)
    lines = finished.out.splitlines()
    (row,) = [line.split() for line in lines if line.startswith("additive  ")]
    assert len(row) == 7
    assert any(" ← " in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--models=additive,dot"], "--models=dot: choose from additive, multiplicative"),
        (["--models="], "--models is empty"),
        (["--d_model=33"], "d_model=33 is odd"),
        (["--cell=rnn"], "cell"),
    ],
)
def test_mistakes(arguments, says, refused, here):
    assert says in refused("03", *FLAGS, *arguments)
    assert not (here / "runs").exists()


def test_a_run_that_exists_is_left_alone(refused, here):
    (here / "runs" / "additive").mkdir(parents=True)
    (here / "runs" / "additive" / "mine").write_text("mine")
    assert "runs/additive is not empty" in refused("03", *FLAGS, "--models=additive")
