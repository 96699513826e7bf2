"""The whole of it in two calls: train a translator, load a model."""

import json
import shutil

import pytest

import tf_transformer as tft
from tests.first_run import write_pairs
from tf_transformer.config import LanguageModelTraining

TEXTS = ["o gato vê um livro.", "", "a menina compra o navio!"]
SMALL = {"num_layers": 1, "d_model": 16, "num_heads": 2, "d_ff": 16, "max_length": 40}
SMALL |= {"vocab_size": 400, "batch_tokens": 256}


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The current directory, with text."""
    monkeypatch.chdir(tmp_path)
    write_pairs(tmp_path / "mine.tsv")
    return tmp_path


def test_a_translator_is_trained_and_scored(home, capfd):
    translator = tft.train("mine.tsv", **SMALL, epochs=1)
    run = home / "runs" / "mine.tsv-tiny"
    metrics = json.loads((run / "metrics.json").read_text())
    assert (metrics["split"], metrics["search"]) == ("test", {"beam_size": 4, "alpha": 0.6})
    said = capfd.readouterr()
    assert f"BLEU {metrics['bleu']:.2f}  {metrics['bleu_signature']}" in said.out
    count = metrics["sentences"]
    assert f"{count} sentence{'s'[: count > 1]}: so few that BLEU and chrF say little." in said.out
    assert {"copying the source", "the most frequent target"} <= set(metrics["baselines"])
    assert "Without a model: copying the source: BLEU " in said.out
    assert "sentences of training count, too" in said.out
    assert f"warning: the model is not clearly better than {metrics['unbeaten']} (" in said.err
    with pytest.raises(tft.UserError, match=r"not clearly better than .* so it is not exported"):
        translator.export("saved_models/mine")
    assert not (home / "saved_models").exists()
    assert isinstance(translator(TEXTS[0]), str)
    assert "`mine.tsv`" in str(translator.card)
    assert f"{metrics['chrf']:.2f}" in str(translator.card)

    with pytest.raises(
        tft.UserError, match="is not empty: continue it with resume=True, or choose"
    ):
        tft.train("mine.tsv", **SMALL)
    with pytest.raises(tft.UserError, match=r"dataset=phrasebook: this run began with dataset=mi"):
        tft.train("phrasebook", run_dir=run, resume=True)
    with pytest.raises(tft.UserError, match=r"preset=base: this run began with preset=tiny, which"):
        tft.train("mine.tsv", preset="base", run_dir=run, resume=True)


def test_after_an_interruption_it_says_how_to_continue(home, capsys, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(tft.api, "train_run", interrupt)
    with pytest.raises(KeyboardInterrupt):
        tft.train("mine.tsv", **SMALL, run_dir="runs/cut")
    assert "To continue: tft.train(run_dir='runs/cut', resume=True)" in capsys.readouterr().out


@pytest.mark.long
def test_a_run_is_trained_on_and_loaded(home):
    run = home / "runs" / "mine.tsv-tiny"
    tft.train("mine.tsv", **SMALL, epochs=1)
    again = tft.train(run_dir=run, resume=True, epochs=2)
    assert len(json.loads((run / "metrics.json").read_text())["epochs"]) == 2
    assert tft.load(run)(TEXTS) == again(TEXTS)


def test_a_run_is_loaded_as_its_export_is(first_run, tmp_path, monkeypatch):
    run_dir = shutil.copytree(first_run.run_dir, tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)  # where its text is not
    from_run, exported = tft.load(run_dir), tft.load(first_run.model_dir)
    assert exported(TEXTS) == from_run(TEXTS)
    assert exported(TEXTS[0], beam_size=2) == from_run(TEXTS[0], beam_size=2) != ""
    written = (first_run.model_dir / "1" / "README.md").read_text(encoding="utf-8")
    assert str(from_run.card) == written


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"dataset": "missing.tsv"}, "missing.tsv: cannot be read"),
        ({"dataset": "mine.tsv", "preset": "huge"}, "preset 'huge' is unknown"),
        ({"dataset": "mine.tsv", "d_modle": 3}, "did you mean d_model"),
        ({"run_dir": "nowhere", "resume": True}, "run_dir=nowhere holds no run to resume"),
        ({"dataset": "mine.tsv", "run_dir": "mine.tsv"}, "run_dir=mine.tsv is a file"),
        (
            {"dataset": "mine.tsv", "model": tft.CausalLMConfig()},
            "model that translates, such as RNNConfig",
        ),
        ({"model": tft.RNNConfig(), "init_from": "pt_en"}, "leave model out"),
        ({"model": tft.RNNConfig(), "resume": True}, "model cannot be changed with resume=True"),
    ],
    ids=lambda value: str(value),
)
def test_mistakes(arguments, says, home):
    with pytest.raises(tft.UserError, match=says):
        tft.train(**arguments)
    assert [path.name for path in home.iterdir()] == ["mine.tsv"]


def test_a_run_of_another_model_is_not_trained_on_as_a_translator(home):
    run = tft.Run.create("run")
    run.save_config("mine.tsv", tft.CausalLMConfig(9), LanguageModelTraining())
    with pytest.raises(tft.UserError, match="run_dir=run is a run of a "):
        tft.train(run_dir="run", resume=True)


@pytest.mark.parametrize("directory", ["nowhere", "mine.tsv", "."])
def test_what_is_not_a_model_is_named(directory, home):
    with pytest.raises(tft.UserError, match=f"={directory} "):
        tft.load(directory)


def test_a_run_that_is_not_trained_yet_has_nothing_to_load(home):
    tft.Run.create("run").save_config("mine.tsv", *tft.preset("tiny"))
    with pytest.raises(tft.UserError, match="run_dir=run has no "):
        tft.load("run")
