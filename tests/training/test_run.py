"""A run's directory is never overwritten, and says what is wrong with it."""

import json
import shutil

import pytest

from tf_transformer.config import (
    CausalLMConfig,
    ClassifierConfig,
    CorpusFacts,
    RNNConfig,
    preset,
    training_class,
)
from tf_transformer.data import load_corpus
from tf_transformer.errors import UserError
from tf_transformer.evaluation import score
from tf_transformer.training import Run
from tf_transformer.training.run_config import without_folders


@pytest.fixture
def run(tmp_path):
    run = Run.create(tmp_path / "runs" / "first")
    run.save_config("phrasebook", *preset("tiny"))
    return run


def test_a_run_that_exists_is_refused_and_left_alone(run):
    before = [path.read_bytes() for path in run.directory.iterdir()]
    with pytest.raises(
        UserError, match=r"first is not empty: continue it with resume=True, or choose"
    ):
        Run.create(run.directory)
    assert [path.read_bytes() for path in run.directory.iterdir()] == before


def test_who_cannot_resume_is_not_told_to(run):
    with pytest.raises(UserError, match=r"is not empty: choose another run_dir\.$"):
        Run.create(run.directory, can_resume=False)


def test_a_resumed_run_keeps_its_model_and_what_is_changed_of_its_training(run):
    model, training = preset("tiny")
    changed = {"epochs": 9, "d_model": model.d_model, "vocab_size": training.vocab_size}
    expected = ("phrasebook", model, training.replace(epochs=9))
    assert run.resume_config(changed) == expected
    assert run.load_config() == expected
    with pytest.raises(UserError, match="d_model=64: this run's model has d_model=128, which"):
        run.resume_config({"d_model": 64})
    with pytest.raises(UserError, match="did you mean epochs"):
        run.resume_config({"epohcs": 3})
    assert run.load_config() == expected


def test_directions_stay_when_a_run_is_resumed(run):
    assert run.resume_config({"directions": "one"})
    with pytest.raises(UserError, match="directions=both: this run began with directions=one"):
        run.resume_config({"directions": "both"})


def test_a_run_keeps_its_mixture_but_not_its_folders(tmp_path):
    (tmp_path / "a.tsv").touch()
    facts = CorpusFacts("x", parts=(CorpusFacts(f"{tmp_path}/a.tsv", weight=3.0, tag="\ue010"),))
    run = Run.create(tmp_path / "mixed")
    dataset = f"{tmp_path}/a.tsv*3 + phrasebook"
    run.save_config(dataset, *preset("tiny"), corpus=facts)
    assert run.corpus == facts
    values = without_folders(json.loads((run.directory / "config.json").read_text()))
    assert values["dataset"] == values["corpus"]["name"] == "a.tsv*3 + phrasebook"
    assert values["corpus"]["parts"][0]["name"] == "a.tsv"
    assert run.resume_config({}, f"{tmp_path}/x/../a.tsv*3 + phrasebook")
    with pytest.raises(UserError, match=r"which resume=True cannot change"):
        run.resume_config({}, f"{tmp_path}/a.tsv*2 + phrasebook")


def test_a_directory_of_something_else_is_refused(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(UserError, match=r"is not empty: choose another run_dir\.$"):
        Run.create(tmp_path)


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="is a file"):
        Run.create(tmp_path / "file")
    with pytest.raises(UserError, match="cannot be made"):
        Run.create(tmp_path / "file" / "run")


def test_an_empty_directory_will_do(tmp_path):
    assert Run.create(tmp_path).directory == tmp_path


@pytest.mark.parametrize("name", ["nothing", "."])
def test_what_is_no_run_cannot_be_opened(tmp_path, name):
    with pytest.raises(UserError, match=r"holds no run to resume: no config\.json"):
        Run.open(tmp_path / name)


def test_the_configuration_comes_back(run):
    assert Run.open(run.directory).load_config() == ("phrasebook", *preset("tiny"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[1, 2]",
        b"3",
        b"\xff\xfe",
        b'{"dataset": "phrasebook"}',
        b'{"dataset": "phrasebook", "model": 3, "training": {}}',
    ],
)
def test_a_damaged_configuration_is_a_user_error(run, content):
    (run.directory / "config.json").write_bytes(content)
    with pytest.raises(UserError, match=r"config.json is damaged: .+"):
        Run.open(run.directory).load_config()


def test_an_unknown_field_in_a_configuration_is_a_user_error(run):
    path = run.directory / "config.json"
    path.write_text(path.read_text().replace("d_model", "d_modle"))
    with pytest.raises(UserError, match=r"'d_modle' is not a field .* did you mean d_model"):
        run.load_config()


EPOCHS = [
    {"epoch": 1, "loss": 3.0, "minutes": 0.5, "cpu_minutes": 0.9, "tokens_per_second": 300.0},
    {"epoch": 2, "loss": 2.0, "minutes": 1.5, "cpu_minutes": 2.5, "tokens_per_second": 600.0},
]
SEARCH = {"beam_size": 8, "alpha": 1.0}


def save_metrics(run):
    """Write metrics, and return what is in the file."""
    scores = score(["the house is very blue ."], ["the house is very blue ."])
    run.save_metrics("test", scores, SEARCH, parameters=1234, epochs=EPOCHS)
    return json.loads(run.metrics_path.read_text())


def test_metrics_say_what_was_measured_how_and_on_what(run):
    metrics = save_metrics(run)
    assert metrics["bleu"] == pytest.approx(100)
    assert "tok:13a" in metrics["bleu_signature"]
    assert (metrics["split"], metrics["search"]) == ("test", SEARCH)
    assert metrics["parameters"] == 1234
    assert (metrics["minutes"], metrics["cpu_minutes"]) == (1.5, 2.5)
    assert metrics["tokens_per_second"] == 400  # the second epoch took half as long
    assert metrics["epochs"] == EPOCHS
    assert metrics["config"]["model"] == preset("tiny")[0].to_dict()
    assert metrics["config"]["training"] == preset("tiny")[1].to_dict()
    assert metrics["peak_memory_mb"] > 50
    assert {"keras", "tensorflow", "sacrebleu"} <= set(metrics["environment"]["packages"])
    assert metrics["environment"]["cores"] >= 1


def test_metrics_name_the_recipe_file_which_a_resumed_run_keeps(run):
    assert run.recipe is None
    run.save_config("phrasebook", *preset("tiny"), recipe="ours.toml")
    assert Run.open(run.directory).recipe == "ours.toml"
    assert save_metrics(run)["config"]["recipe"] == "ours.toml"


@pytest.mark.parametrize(
    ("dataset", "told"),
    [
        ("ted_hrlr_translate/pt_to_en", "ted_hrlr_translate/pt_to_en"),
        ("/folder/mine.tsv", "mine.tsv"),
        ("/folder/train.pt,data/train.en", "train.pt,data/train.en"),
    ],
)
def test_metrics_do_not_tell_where_the_users_files_are(run, dataset, told):
    run.save_config(dataset, *preset("tiny"))
    assert save_metrics(run)["config"]["dataset"] == told
    assert run.load_config()[0] == dataset


FACTS = CorpusFacts("/folder/mine.pt,/folder/mine.en", "CC0", "pt", "en", "treebank", 18)


def test_the_facts_of_a_corpus_outlive_its_text(tmp_path, monkeypatch):
    pairs = tmp_path / "mine.tsv"
    pairs.write_text("".join(f"{n}\tn{n}\n" for n in range(20)))
    monkeypatch.chdir(tmp_path)  # a relative path, which leads nowhere from another folder
    corpus = load_corpus("mine.tsv")
    run = Run.create(tmp_path / "run")
    run.save_config("mine.tsv", *preset("tiny"), corpus=corpus.facts)
    run.resume_config({"epochs": 7})
    pairs.unlink()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert Run.open(tmp_path / "run").corpus == corpus.facts
    assert corpus.facts == CorpusFacts("mine.tsv", "unknown", "source", "target", "plain", 18)


def test_metrics_tell_of_the_corpus_but_not_where_it_is(run):
    run.save_config(FACTS.name, *preset("tiny"), corpus=FACTS)
    told = save_metrics(run)["config"]["corpus"]
    assert told == FACTS.to_dict() | {"name": "mine.pt,mine.en"}
    assert run.corpus == FACTS


def test_scores_come_back_from_metrics(run):
    scores = score(["the house is blue ."], ["the house is blue ."], "treebank")
    assert scores.detokenized
    run.save_metrics("test", scores, SEARCH, parameters=1234, epochs=EPOCHS)
    metrics = run.metrics()
    assert (metrics.split, metrics.scores, metrics.search) == ("test", scores, SEARCH)


def test_scores_of_other_models_come_back_by_their_names(run):
    scores = {"accuracy": 0.9, "validation_accuracy": 0.8}
    run.save_metrics("test", scores, None, parameters=1234, epochs=EPOCHS)
    metrics = run.metrics()
    assert (metrics.split, metrics.scores, metrics.search) == ("test", scores, None)


@pytest.mark.parametrize("content", ["", "[]", "3", '{"split": "test"}', '{"bleu": 3}'])
def test_damaged_metrics_are_a_user_error(run, content):
    run.metrics_path.write_text(content)
    with pytest.raises(UserError, match=r"metrics\.json is damaged: .+"):
        run.metrics()


@pytest.mark.parametrize(
    ("model_config", "says"),
    [
        (preset("tiny")[0], "continue it with tft train --run_dir=.* --resume"),
        (CausalLMConfig(), "continue it with tft complete --run_dir=.* --resume"),
        (ClassifierConfig(), "such a run cannot be resumed: train another"),
        (RNNConfig(), "continue it with tft train --run_dir=.* --resume"),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "task") else "",
)
def test_an_unfinished_run_says_how_to_finish_it_if_it_can_be(run, model_config, says):
    run.save_config("mine", model_config, training_class(model_config)())
    with pytest.raises(UserError, match=rf"first is not finished: it has no metrics\.json.*{says}"):
        run.metrics()


def test_a_run_without_a_model_says_so(run):
    with pytest.raises(UserError, match=r"first has no checkpoint: train it first"):
        run.model()


def test_the_purpose_of_opening_is_told(tmp_path):
    with pytest.raises(UserError, match=r"holds no run to export: no config\.json"):
        Run.open(tmp_path, "export")


def test_a_trained_run_gives_its_model_and_its_tokenizers_from_anywhere(trained, tmp_path):
    copy = shutil.copytree(trained.run.directory, tmp_path / "copy")
    run = Run.open(copy)
    assert run.model().config == run.load_config()[1]
    assert run.tokenizers()[0].vocab_size == run.model().config.source_vocab_size
    assert run.task_name == "translator"
    loss, bleu = run.learning_curve().axes
    assert [loss.get_ylabel(), bleu.get_ylabel()] == ["loss", "BLEU"]
    best = trained.checkpoints.best_epoch
    assert f"best model: epoch {best['epoch']}" in bleu.get_legend().texts[-1].get_text()


def test_a_run_that_is_not_trained_has_no_curve(run):
    with pytest.raises(UserError, match="has no checkpoint: train it first"):
        run.learning_curve()
