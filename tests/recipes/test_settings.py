"""Recipes that train: what --set and the other flags say of one field."""

import json

import pytest

from tests.first_run import write_pairs
from tests.small import ON_COMMAND_LINE
from tf_transformer import api
from tf_transformer.cli import classify, language_model
from tf_transformer.training import precision

SMALL = [
    *ON_COMMAND_LINE,
    *("--set=tokenizer=characters", "--set=max_length=40", "--set=batch_tokens=256"),
]


def test_a_flag_and_a_setting_of_one_field_are_refused(recipe, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for number in ("05", "09", "10"):
        finished = recipe(number, "--epochs=2", "--set=epochs=3")
        assert finished.code == 2
        assert "--epochs and --set=epochs=… set the same field: leave one out." in finished.err
    assert list(tmp_path.iterdir()) == []


def test_a_field_by_its_initials_is_answered_with_its_name(recipe, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    finished = recipe("05", "--set=lr=0.1")
    assert finished.code == 2
    assert "did you mean learning_rate?" in finished.err


@pytest.fixture
def models(tmp_path, monkeypatch):
    """The models that recipes would train, in a folder with text of each kind."""
    models = []

    def train(model, *_, **__):
        models.append(model)
        raise KeyboardInterrupt

    monkeypatch.setattr(api, "train_translator", train)
    monkeypatch.setattr(language_model, "fit", train)
    monkeypatch.setattr(classify, "train_classifier", train)
    monkeypatch.chdir(tmp_path)
    write_pairs(tmp_path / "05.tsv")
    (tmp_path / "09.txt").write_text("the cat sat on the mat. it is flat.\n" * 30)
    rows = [f"{kind}\tthe {kind} cat {n}\n" for n in range(40) for kind in ("a", "b")]
    (tmp_path / "10.tsv").write_text("".join(rows))
    return models


@pytest.mark.slow
@pytest.mark.parametrize("gain", [2.0, 0.5])
@pytest.mark.parametrize("dataset", ["05.tsv", "09.txt", "10.tsv"])
def test_a_precision_that_is_left_open_is_chosen_and_kept(
    dataset, gain, recipe, models, tmp_path, monkeypatch
):
    chosen = "mixed_bfloat16" if gain > 1 else "float32"
    monkeypatch.setattr(precision, "bfloat16_gain", lambda: gain)
    number, _ = dataset.split(".")
    open_choice = [f"--dataset={dataset}", "--run_dir=run", *SMALL, "--set=precision=auto"]
    finished = recipe(number, *open_choice)
    assert finished.code == 130, finished
    assert f"precision={chosen}." in finished.out
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert config["training"]["precision"] == chosen

    monkeypatch.setattr(precision, "bfloat16_gain", lambda: pytest.fail("it was measured again"))
    if number != "10":  # which is trained in one go
        assert recipe(number, "--run_dir=run", "--resume").code == 130
        assert recipe(number, *open_choice, "--resume").code == 130
    assert {model.dtype_policy.name for model in models} == {chosen}
