"""A run's directory is never overwritten, and says what is wrong with it."""

import json
import types

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


def test_metrics_say_what_was_measured_how_and_on_what(run):
    scores = score(["the house is very blue ."], ["the house is very blue ."])
    corpus = types.SimpleNamespace(evaluation_split="test")
    run.save_metrics(corpus, scores, [{"epoch": 1, "loss": 2.0}], minutes=1.234)
    metrics = json.loads(run.metrics_path.read_text())
    assert metrics["bleu"] == pytest.approx(100)
    assert metrics["bleu_signature"] == scores.bleu_signature
    assert metrics["split"] == "test"
    assert metrics["minutes"] == 1.23
    assert metrics["epochs"] == [{"epoch": 1, "loss": 2.0}]
    assert metrics["config"]["dataset"] == "phrasebook"
    assert metrics["config"]["model"] == preset("tiny")[0].to_dict()
    assert metrics["peak_memory_mb"] > 50
    assert {"keras", "tensorflow", "sacrebleu"} <= set(metrics["environment"]["packages"])
