"""Several corpora in both directions, trained by the defaults, from text to an export."""

import json

import numpy as np
import pytest

import tf_transformer as tft
from tests import own_files

DATASET = "a.tsv*0.5 + b.pt,b.en*2"
SMALL = {"num_layers": 1, "d_model": 64, "d_ff": 128, "vocab_size": 500, "max_length": 40}
PT = "mas o padeiro encontra um livro por fim."
EN = "but the baker finds a book at last."


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The current directory, with two corpora in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.tsv").write_text(own_files.pairs("pt", "en", 600), encoding="utf-8")
    for language in ("pt", "en"):
        text = "\n".join(own_files.sentences(language, 400, seed=9))
        (tmp_path / f"b.{language}").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.long
def test_one_model_translates_both_ways(home, capfd):
    translator = tft.train(DATASET, directions="both", epochs=12, **SMALL)
    run = home / "runs" / "a.tsv+b.pt,b.en-tiny"
    metrics = json.loads((run / "metrics.json").read_text())
    names = [f"{name}, {way}" for way in ("pt → en", "en → pt") for name in ("a.tsv", "b.pt,b.en")]
    assert list(metrics["by_corpus"]) == names
    assert all(each["chrf"] > 90 for each in metrics["by_corpus"].values())
    assert metrics["chrf"] > 90
    assert "a.tsv, pt → en:\nBLEU" in capfd.readouterr().out
    for name in names:
        assert f"`{name}`" in str(translator.card)
    assert "a.tsv`, 576 pairs, 0.5 × an epoch" in str(translator.card)

    translator.export("saved_models/both")
    for model in (translator, tft.load(run), tft.load("saved_models/both")):
        assert model.languages == ("en", "pt")
        assert model(PT) == model(PT, to="en") == EN
        assert model(EN, to="pt") == model(EN, to="pt", beam_size=4) == PT
        assert PT not in model(f"\ue010{EN}")  # typed, it is no tag

    with pytest.raises(tft.UserError, match="directions=one: this run began with directions=both"):
        tft.train(run_dir=run, resume=True, directions="one")
    with pytest.raises(
        tft.UserError, match=r"dataset=a\.tsv: this run began with dataset=a\.tsv\*"
    ):
        tft.train("a.tsv", run_dir=run, resume=True)


@pytest.mark.long
def test_a_mixture_is_resumed_bit_for_bit(home):
    plan = {"schedule": "noam", "directions": "both", "passes": 1, "warmup_steps": 20, **SMALL}
    whole = tft.train(DATASET, run_dir="whole", epochs=3, **plan)
    tft.train(DATASET, run_dir="parts", epochs=1, **plan)
    again = tft.train(run_dir="parts", resume=True, epochs=3)
    for weight, other in zip(whole.weights, again.weights, strict=True):
        assert np.array_equal(weight.numpy(), other.numpy())
