"""A run's directory is never overwritten, and says what is wrong with it."""

import json

import pytest

from tf_transformer.config import preset
from tf_transformer.errors import UserError
from tf_transformer.evaluation import score
from tf_transformer.training import Run


@pytest.fixture
def run(tmp_path):
    run = Run.create(tmp_path / "runs" / "first")
    run.save_config("phrasebook", *preset("tiny"))
    return run


def test_a_run_that_exists_is_refused_and_left_alone(run):
    before = [path.read_bytes() for path in run.directory.iterdir()]
    with pytest.raises(UserError, match=r"first is not empty: go on with --resume, or choose"):
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
    with pytest.raises(UserError, match="d_model=64: this run has a model of d_model=128, which"):
        run.resume_config({"d_model": 64})
    with pytest.raises(UserError, match="did you mean epochs"):
        run.resume_config({"epohcs": 3})
    assert run.load_config() == expected


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
    with pytest.raises(UserError, match=r"'d_modle' is no field .* did you mean d_model"):
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
