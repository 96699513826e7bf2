"""Recipe 03: recurrent models beside a Transformer, on a user's own file."""

import numpy as np
import pytest
import tensorflow as tf

import tf_transformer as tft
from tests.first_run import write_pairs

FLAGS = ["--dataset=mine.tsv", "--run_dir=runs", "--export_dir=models", "--d_model=32"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_pairs(tmp_path / "mine.tsv")
    return tmp_path


@pytest.mark.long  # in small: tests/models/test_rnn_translator.py
def test_a_model_is_trained_scored_drawn_and_exported_as_a_transformer(recipe, here):
    options = ["--models=multiplicative", "--cell=lstm", "--epochs=2", "--export_anyway"]
    finished = recipe("03", *FLAGS, *options)
    assert finished.code == 0, finished
    lines = finished.out.splitlines()
    (row,) = [line.split() for line in lines if line.startswith("multiplicative  ")]
    assert len(row) == 7
    assert any(" ← " in line for line in lines)

    directory = here / "runs" / "multiplicative"
    assert (directory / "alignment.png").read_bytes().startswith(b"\x89PNG")
    assert (directory / "metrics.json").is_file()
    assert (directory / "logs" / "train" / "tokens.labels.tsv").is_file()
    run = tft.Run.open(directory)
    assert (run.load_config()[1].attention, run.load_config()[1].cell) == ("multiplicative", "lstm")

    card = (here / "models" / "multiplicative" / "1" / "README.md").read_text(encoding="utf-8")
    assert "A recurrent encoder-decoder with attention with " in card
    served = tft.load_saved_model(here / "models" / "multiplicative")
    text = tf.constant(["o gato vê um livro.", ""])
    found = served.signatures["attend"](text)
    assert set(found) == {"translation", "source_tokens", "target_tokens", "attention"}
    assert found["attention"].shape[:3] == [2, 1, 1]
    best = tft.training.load_model(tft.training.Checkpoints(run.checkpoint_dir).best)
    translator = tft.Translator(best, *tft.load_tokenizers(run.tokenizer_dir))
    np.testing.assert_array_equal(
        served.signatures["serving_default"](text)["translation"],
        translator.translate(text)["translation"],
    )


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
