"""Recipe 08: both formats hold the run's best model, and what it says of mistakes."""

import functools
import importlib.util
import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import tf_transformer as tft
from tests.first_run import run_recipe
from tf_transformer.training import Checkpoints, card_of, load_model


@pytest.fixture
def export(recipe, first_run, tmp_path, monkeypatch):
    """Runs recipe 08 where the first run was, and returns what it says."""
    monkeypatch.chdir(first_run.home)

    def run(*arguments):
        finished = recipe(
            "08", "--run_dir=runs/first", f"--export_dir={tmp_path / 'model'}", *arguments
        )
        assert (finished.code, finished.err) == (0, "")
        return finished.out

    return run


load_once = functools.cache(tft.load_saved_model)


def answer(model_dir, text):
    return load_once(model_dir).signatures["serving_default"](tf.constant([text]))


@pytest.mark.long
def test_a_saved_model_is_the_one_that_the_run_exported(export, first_run, tmp_path):
    assert f"The model is {tmp_path / 'model' / '1'}." in export()
    for text in ("o gato vê um livro.", "a menina compra o navio!"):
        ours, theirs = answer(tmp_path / "model", text), answer(first_run.model_dir, text)
        assert ours["translation"] == theirs["translation"]
        assert abs(ours["score"] - theirs["score"]) < 1e-4
    cards = [path / "1" / "README.md" for path in (tmp_path / "model", first_run.model_dir)]
    assert cards[0].read_text(encoding="utf-8") == cards[1].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("engine", "runtime", "files"),
    [
        ("ctranslate2", "ctranslate2", ["model.bin"]),
        pytest.param("litert", "ai_edge_litert", ["model.tflite"], marks=pytest.mark.long),
        pytest.param(
            *("onnx", "onnxruntime", ["encoder.onnx", "step.onnx"]), marks=pytest.mark.long
        ),
        pytest.param(
            *("openvino", "openvino", ["encoder.bin", "encoder.xml", "step.bin", "step.xml"]),
            marks=pytest.mark.long,
        ),
    ],
)
def test_the_printed_command_translates_with_each_engine(
    engine, runtime, files, export, first_run, tmp_path
):
    if not importlib.util.find_spec(runtime):
        pytest.skip(f"{runtime} is not installed")
    arguments = [f"--format={engine}", "--quantization=int8"]
    if engine == "openvino":  # once it is loaded, a Ctrl-C ends the process (2026.4)
        arguments += ["--run_dir=runs/first", f"--export_dir={tmp_path / 'model'}"]
        finished = run_recipe("08_export.py", *arguments, cwd=first_run.home)
        assert (finished.returncode, finished.stderr) == (0, "")
        out = finished.stdout
    else:
        out = export(*arguments)
    assert set(files) <= {path.name for path in (tmp_path / "model").iterdir()}
    command = shlex.split(out.splitlines()[-1])
    assert command[:2] == ["python", str(tmp_path / "model" / "translate.py")]
    text = "o gato vê um livro."
    translated = subprocess.run(
        [sys.executable, command[1], "--beam_size=1"], input=text.encode(), capture_output=True
    )
    assert translated.stdout.decode().rstrip("\n").encode() == bytes(
        answer(first_run.model_dir, text)["translation"].numpy()[0]
    )
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    for words in ("int8", "`mine.tsv`", "BLEU"):
        assert words in card


def test_a_run_is_exported_where_its_text_is_not(recipe, first_run, tmp_path, monkeypatch):
    shutil.copytree(first_run.run_dir, tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)
    exported = []

    def export(task, directory, card, **search):  # the rest of it takes long
        exported.append((str(directory), str(card), search))

    monkeypatch.setattr(tft, "export_saved_model", export)
    assert recipe("08", "--run_dir=elsewhere").code == 0
    card = (first_run.model_dir / "1" / "README.md").read_text(encoding="utf-8")
    assert exported == [("saved_models/elsewhere", card, {"beam_size": 4, "alpha": 0.6})]


# Mistakes


@pytest.fixture
def mistaken(refused, first_run, tmp_path, monkeypatch):
    """Runs recipe 08 where the first run was; it must be refused and leave nothing."""
    monkeypatch.chdir(first_run.home)

    def run(*arguments, run_dir="runs/first"):
        target = f"--export_dir={tmp_path / 'out' / 'model'}"
        message = refused("08", f"--run_dir={run_dir}", target, *arguments)
        assert not (tmp_path / "out").exists()
        return message

    return run


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--run_dir=nowhere"], "run_dir=nowhere holds no run"),
        (["--run_dir=mine.tsv"], "run_dir=mine.tsv"),
        (["--format=tflite"], "--format=tflite"),
        (["--quantization=int8"], "--quantization is for the other formats"),
        (["--data_dir"], "data_dir"),
        (["runs/first"], "'runs/first' is not a flag"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_mistakes(arguments, says, mistaken):
    assert says in mistaken(*arguments)


def test_an_unknown_quantization(mistaken):
    pytest.importorskip("ctranslate2")
    message = mistaken("--format=ctranslate2", "--quantization=int3")
    assert "quantization='int3' is unknown" in message


def test_a_model_goes_beside_the_others_and_is_called_as_its_run(recipe, first_run, monkeypatch):
    pytest.importorskip("ctranslate2")
    monkeypatch.chdir(first_run.home)
    finished = recipe("08", "--run_dir=runs/first", "--format=ctranslate2")
    assert "saved_models/first-ctranslate2" in finished.out
    assert Path("saved_models/first-ctranslate2/model.bin").exists()


def test_a_model_that_is_there_is_not_overwritten(refused, first_run, tmp_path, monkeypatch):
    pytest.importorskip("ctranslate2")
    monkeypatch.chdir(first_run.home)
    (tmp_path / "model.bin").write_text("mine")
    arguments = ["--run_dir=runs/first", f"--export_dir={tmp_path}"]
    assert "exists already" in refused("08", "--format=ctranslate2", *arguments)
    assert [path.name for path in tmp_path.iterdir()] == ["model.bin"]


@pytest.fixture
def old_run(first_run, tmp_path):
    """A copy of a finished run, to damage."""
    return shutil.copytree(first_run.run_dir, tmp_path / "old_run")


def test_a_run_that_is_not_finished(old_run, mistaken):
    (old_run / "metrics.json").unlink()
    message = mistaken(run_dir=old_run)
    assert f"run_dir={old_run} is not finished" in message
    assert f"python recipes/05_train_translator.py --run_dir={old_run} --resume" in message


def test_damaged_metrics(old_run, mistaken):
    (old_run / "metrics.json").write_text('{"split": "test"}')
    assert "metrics.json is damaged" in mistaken(run_dir=old_run)


def change_metrics(run, **values):
    """Write other values into a run's metrics; `None` takes one out."""
    path = run / "metrics.json"
    metrics = json.loads(path.read_text()) | values
    path.write_text(json.dumps({name: x for name, x in metrics.items() if x is not None}))


@pytest.mark.parametrize("format", ["saved_model", "ctranslate2"])
def test_a_model_that_has_learned_nothing_is_not_exported(old_run, format, mistaken):
    baselines = {"copying the source": {"bleu": 1.5, "chrf": 20.0}}
    change_metrics(old_run, baselines=baselines, unbeaten="copying the source")
    message = mistaken(f"--format={format}", run_dir=old_run)
    assert "not clearly better than copying the source (BLEU 1.50, chrF 20.00)" in message
    assert "or set --export_anyway." in message


def test_a_run_from_before_there_were_baselines_is_exported(old_run):
    change_metrics(old_run, baselines=None, unbeaten=None)
    card = card_of(tft.Run.open(old_run), tft.Run.open(old_run).model())
    card.require_learned()
    assert "copying the source" not in str(card)


def test_scores_that_are_not_numbers_are_not_exported(old_run, mistaken):
    change_metrics(old_run, chrf=float("nan"))
    assert "scores of the model are NaN or infinite" in mistaken("--export_anyway", run_dir=old_run)


def test_weights_that_are_not_numbers_are_not_exported(old_run, mistaken):
    best = Checkpoints(old_run / "checkpoints").best
    model = load_model(best)
    model.set_weights([*model.get_weights()[:-1], model.get_weights()[-1] * np.nan])
    model.save(best)
    assert "weights that are NaN or infinite" in mistaken("--export_anyway", run_dir=old_run)


def test_a_run_without_a_checkpoint(old_run, mistaken):
    shutil.rmtree(old_run / "checkpoints")
    assert "has no checkpoint" in mistaken(run_dir=old_run)
