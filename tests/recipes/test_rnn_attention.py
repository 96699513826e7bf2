"""Recipe 03: recurrent models beside a Transformer, trained by the same calls."""

import json

import numpy as np
import pytest
import tensorflow as tf

import tf_transformer as tft
from tests.first_run import write_pairs


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_pairs(tmp_path / "mine.tsv")
    return tmp_path


@pytest.mark.long  # in small: tests/models/test_rnn_translator.py
def test_models_are_trained_on_the_same_batches_compared_and_drawn(recipe, here):
    models = ["additive", "multiplicative", "transformer"]
    flags = [f"--models={','.join(models)}", "--cell=lstm", "--epochs=2", "--pairs=30"]
    (here / "runs").mkdir()
    (here / "runs" / "mine").write_text("mine")  # a folder that is taken is left alone
    finished = recipe("03", "--dataset=mine.tsv", "--d_model=32", "--run_dir=runs", *flags)
    assert finished.code == 0, finished
    assert finished.out.count("✓ ") == 2
    rows = [line.split() for line in finished.out.splitlines()]
    rows = {row[0]: row for row in rows if len(row) == 7 and row[0] in models}
    assert [*rows] == models
    assert len({row[2] for row in rows.values()}) == 1  # as many steps
    assert [path.name for path in (here / "runs").iterdir()] == ["mine"]
    pictures = {path.name for path in (here / "runs-2").glob("*.png")}
    assert pictures == {"curves.png", "alignments.png"}
    for name in models:
        metrics = json.loads((here / "runs-2" / name / "metrics.json").read_text())
        assert metrics["config"]["training"]["max_pairs"] == 30
        assert f"{metrics['bleu']:.2f}" in rows[name]
    _, model, _ = tft.Run.open(here / "runs-2" / "multiplicative").load_config()
    assert (model.attention, model.cell, model.d_model) == ("multiplicative", "lstm", 32)


@pytest.mark.long
def test_a_recurrent_model_is_resumed_and_exported_as_a_transformer_is(here):
    model = tft.RNNConfig(attention="multiplicative", cell="lstm", d_model=32)
    tft.train("mine.tsv", model=model, epochs=1, run_dir="run")
    translator = tft.train(run_dir="run", epochs=2, resume=True)
    run = tft.Run.open("run")
    assert len(tft.training.Checkpoints(run.checkpoint_dir).epochs) == 2
    assert (run.log_dir / "train" / "tokens.labels.tsv").is_file()
    translator.export("models/mine", export_anyway=True)
    card = (here / "models" / "mine" / "1" / "README.md").read_text(encoding="utf-8")
    assert "A recurrent encoder-decoder with attention with " in card
    served = tft.load_saved_model(here / "models" / "mine")
    text = tf.constant(["o gato vê um livro.", ""])
    found = served.signatures["attend"](text)
    tokens = {"source_tokens", "target_tokens", "attention"}
    assert set(found) == {"translation", "confidence"} | tokens
    assert found["attention"].shape[:3] == [2, 1, 1]
    np.testing.assert_array_equal(
        served.signatures["serving_default"](text)["translation"],
        translator.translate(text)["translation"],
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--models=additive,dot"], "models=dot: choose from additive, multiplicative"),
        (["--models="], "models is empty"),
        (["--d_model=33"], "d_model=33 is odd"),
        (["--cell=rnn"], "cell='rnn' is unknown"),
        (["--dataset=nowhere.tsv"], "nowhere.tsv: cannot be read"),
    ],
)
def test_mistakes(arguments, says, refused, here):
    flags = ["--dataset=mine.tsv", "--run_dir=runs", "--models=additive", *arguments]
    assert says in refused("03", *flags)
    assert not (here / "runs").exists()
