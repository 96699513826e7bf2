"""The path of a new user, in small: train, read what is printed, do it, stop, go on."""

import json
import re
import shlex
import shutil
import signal
import subprocess
import sys

import pytest

import tf_transformer as tft
from tests.first_run import EPOCHS, environment, run


@pytest.fixture
def home(first_run, tmp_path):
    """A copy of what the first run left, to go on from."""
    return shutil.copytree(first_run.home, tmp_path / "home", symlinks=True)


def next_commands(first_run):
    """Return the commands that the first run printed, by the recipe or program they call."""
    lines = first_run.finished.stdout.splitlines()
    commands = [shlex.split(line) for line in lines if re.match(" *(python|tensorboard) ", line)]
    return {
        command[1 if command[0] == "python" else 0].partition("/")[2] or command[0]: command
        for command in commands
    }


def do(command, cwd):
    """Run a printed `python` command."""
    assert command[0] == "python"
    return run([sys.executable, *command[1:]], cwd=cwd)


def epochs_of(run_dir):
    return json.loads((run_dir / "checkpoints" / "checkpoints.json").read_text())["epochs"]


def contents(directory):
    return {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_the_first_run_ends_well_and_quietly(first_run):
    assert first_run.finished.returncode == 0, first_run.finished.stderr
    assert first_run.finished.stderr == ""
    assert "\x1b" not in first_run.finished.stdout  # no colours where there is no terminal


def test_it_says_what_it_does(first_run):
    out = first_run.finished.stdout
    for words in (
        r"^Learning a vocabulary from 62 sentence pairs of mine\.tsv",
        r"^62 of 62 pairs kept",
        rf"^Training [\d,]+ weights on .* up to {EPOCHS} epochs of [\d,]+ steps",
        f"^Epoch {EPOCHS}/{EPOCHS}$",
        r"^BLEU \d+\.\d\d  nrefs:1\|case:mixed\|.*tok:13a.*version:",
        r"^chrF \d+\.\d\d  nrefs:1\|.*version:",
        r"^  → ",
        r"^  = ",
        r"The SavedModel is saved_models/mine/1",
    ):
        assert re.search(words, out, flags=re.MULTILINE), words


def test_it_leaves_what_is_documented(first_run):
    assert {path.name for path in first_run.run_dir.iterdir()} == {
        *("config.json", "tokenizer", "checkpoints", "logs", "metrics.json", ".lock"),
        *("learning_curve.png", "confidence.json", "confidence.png"),
    }
    assert list(first_run.run_dir.glob("logs/train/events.*"))
    assert list(first_run.run_dir.glob("logs/validation/events.*"))
    assert not list(first_run.run_dir.glob("logs/events.*"))  # no third run in TensorBoard
    assert [path.name for path in first_run.model_dir.iterdir()] == ["1"]
    card = (first_run.model_dir / "1" / "README.md").read_text(encoding="utf-8")
    assert "`mine.tsv`" in card
    config = json.loads((first_run.run_dir / "config.json").read_text())
    assert config["dataset"] == "mine.tsv"
    assert config["model"]["d_model"] == 32
    assert config["training"]["epochs"] == EPOCHS


def test_metrics_hold_scores_signatures_and_environment(first_run):
    metrics = json.loads((first_run.run_dir / "metrics.json").read_text())
    assert metrics["split"] == "test"
    assert 0 < metrics["chrf"] <= 100
    assert "version:" in metrics["bleu_signature"]
    assert "version:" in metrics["chrf_signature"]
    assert metrics["environment"]["packages"]["tensorflow"]
    assert metrics["config"] == json.loads((first_run.run_dir / "config.json").read_text())
    assert [epoch["epoch"] for epoch in metrics["epochs"]] == list(range(1, EPOCHS + 1))
    assert metrics["epochs"][-1]["loss"] < metrics["epochs"][0]["loss"]
    assert f"BLEU {metrics['bleu']:.2f}  {metrics['bleu_signature']}" in first_run.finished.stdout


def test_the_printed_translation_command_works(first_run):
    finished = do(next_commands(first_run)["06_translate.py"], first_run.home)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert finished.stdout.count("\n") == 1
    assert finished.stdout.strip()


def test_the_printed_evaluation_command_gives_the_scores_of_the_run(first_run, recipe, monkeypatch):
    monkeypatch.chdir(first_run.home)
    _, _, *arguments = next_commands(first_run)["07_evaluate.py"]
    finished = recipe("07", *arguments)
    assert (finished.code, finished.err) == (0, "")
    result = json.loads(finished.out.splitlines()[-1])
    metrics = json.loads((first_run.run_dir / "metrics.json").read_text())
    for name in ("split", "bleu", "chrf", "bleu_signature", "chrf_signature"):
        assert result[name] == metrics[name], name


def test_the_printed_tensorboard_command_finds_the_run(first_run):
    command = next_commands(first_run)["tensorboard"]
    assert command[:2] == ["tensorboard", "--logdir"]
    assert list((first_run.home / command[2]).rglob("events.*"))


def test_the_same_run_again_is_refused_and_changes_nothing(first_run, recipe, monkeypatch):
    monkeypatch.chdir(first_run.home)
    before = contents(first_run.home)
    finished = recipe("05", *first_run.arguments)
    assert finished.code == 2
    assert finished.out == ""
    assert re.fullmatch(r"error: run_dir=runs/first .*--resume.*\n", finished.err)
    assert contents(first_run.home) == before


@pytest.mark.long
def test_what_is_stopped_is_kept_and_goes_on(home, recipe, monkeypatch):
    resume = ["--run_dir=runs/first", "--export_dir=saved_models/mine", "--resume"]
    process = subprocess.Popen(
        [sys.executable, "recipes/05_train_translator.py", *resume, "--epochs=1000"],
        cwd=home,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    out = "".join(iter_until(process.stdout, "val_bleu"))  # the end of an epoch
    process.send_signal(signal.SIGINT)
    rest, err = process.communicate(timeout=600)
    assert process.returncode == 130, err
    assert f"Epoch {EPOCHS + 1}/1000" in out
    assert f"python recipes/05_train_translator.py {' '.join(resume)}\n" in rest
    assert "Traceback" not in err
    stopped = epochs_of(home / "runs" / "first")
    assert len(stopped) > EPOCHS

    epochs = len(stopped) + 1
    monkeypatch.chdir(home)
    exported = []  # writing it takes long
    monkeypatch.setattr(tft, "export_saved_model", lambda *args, **_: exported.append(str(args[1])))
    finished = recipe("05", *resume, f"--epochs={epochs}")
    assert (finished.code, finished.err) == (0, "")
    assert exported == ["saved_models/mine"]
    went_on = epochs_of(home / "runs" / "first")
    assert went_on[: len(stopped)] == stopped
    assert [epoch["epoch"] for epoch in went_on] == list(range(1, epochs + 1))
    steps = [epoch["step"] for epoch in went_on]
    assert steps == [(i + 1) * steps[0] for i in range(epochs)]  # no step twice, none left out


def iter_until(lines, words):
    """Yield lines up to the first that holds some words."""
    for line in lines:
        yield line
        if words in line:
            return
