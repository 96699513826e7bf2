"""Recipe 09: from a text to a SavedModel that completes prompts."""

import json

import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import tf_transformer as tft
from tests.small import ON_COMMAND_LINE
from tf_transformer.cli.language_model import beginnings

SMALL = [
    *ON_COMMAND_LINE,
    *("--set=max_length=16", "--set=batch_tokens=64", "--set=steps_per_epoch=4"),
    "--set=xla=false",  # compiling takes longer than this training; see tests/training/test_fit.py
]


def tags(directory):
    """Return what TensorBoard shows of a directory, by name."""
    accumulator = EventAccumulator(str(directory))
    accumulator.Reload()
    return set(accumulator.Tags()["tensors"])


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The current directory, with a text."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.txt").write_text("the cat sat on the mat. it is flat.\n" * 30)
    return tmp_path


@pytest.mark.long
def test_a_run_trains_completes_and_exports(recipe, refused, home):
    arguments = ["--dataset=mine.txt", *SMALL, "--max_tokens=7"]
    line = refused("09", *arguments, "--epochs=2", "--prompt=the c")
    assert "the model is not clearly better than the frequencies of tokens (perplexity " in line
    assert not (home / "saved_models").exists()
    assert "it is not exported" in refused("08", "--run_dir=runs/mine-lm")
    arguments.append("--export_anyway")
    finished = recipe("09", *arguments, "--resume", "--prompt=the c")
    assert (finished.code, finished.err) == (0, "")
    assert "frequencies of tokens" in finished.out
    assert "--- 'the c' continues:\nthe c" in finished.out
    assert "The SavedModel is saved_models/mine/1." in finished.out
    metrics = json.loads((home / "runs" / "mine-lm" / "metrics.json").read_text())
    assert metrics["loss"] == min(logs["val_loss"] for logs in metrics["epochs"])
    assert metrics["bits_per_character"] == pytest.approx(metrics["loss"] / 0.6931, rel=0.02)

    shown = tags(home / "runs" / "mine-lm" / "logs" / "validation")
    assert {"loss", "completions", "attention/1", "attention/2"} <= shown
    assert (home / "runs/mine-lm/logs/train/tokens.labels.tsv").exists()

    again = ["--model_dir=saved_models/mine", "--max_tokens=7"]
    completed = recipe("09", *again, "--prompt=the c")
    assert completed.code == 0, completed
    shown = completed.out[completed.out.index("---") :].rstrip("\n")
    assert shown in finished.out  # the same draws
    other = recipe("09", *again, "--prompt=the c", "--seed=5", "--temperature=3")
    assert other.out != completed.out

    (home / "mine.txt").rename(home / "gone.txt")
    to = ["--export_dir=again", "--export_anyway"]
    exported = recipe("08", "--run_dir=runs/mine-lm", *to)
    assert (exported.code, exported.err) == (0, "")
    assert "Complete prompts with:\n\n  python recipes/09_language_model.py" in exported.out
    (home / "gone.txt").rename(home / "mine.txt")
    assert "not clearly better" in (home / "again" / "1" / "README.md").read_text()
    loaded, live = tft.load("again"), tft.load("runs/mine-lm")
    assert loaded("the c", max_tokens=7) == live("the c", max_tokens=7)
    prompt = tf.constant(["the c"])
    of_run = tft.load_saved_model("saved_models/mine").signatures["serving_default"](prompt)
    again_of_run = tft.load_saved_model("again").signatures["serving_default"](prompt)
    assert again_of_run["completion"] == of_run["completion"]  # by the options of the run

    longer = ["--resume", "--epochs=3", "--histograms"]
    resumed = recipe("09", *arguments, *longer, "--run_dir=runs/mine-lm")
    assert resumed.code == 0, resumed
    assert "Epoch 3/3" in resumed.out
    assert "saved_models/mine/2" in resumed.out
    shown = tags(home / "runs" / "mine-lm" / "logs" / "validation")
    assert "weights/embedding/table" in shown


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        (
            ["Lists are\nmutable. They\n\nA tuple is not one.", "  If it is so,"],
            ["A tuple is", "If it is"],
        ),
        (["One of it all\n" * 2, "Two of it all\n" * 4], ["One of it", "Two of it", "Two of it"]),
        (["猫が好き\n"], ["猫が好き"]),
        (["\n", ""], [""]),
    ],
)
def test_prompts_are_beginnings_from_the_text_itself(documents, expected):
    assert beginnings(documents) == expected


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--dataset=missing.txt"], "missing.txt: cannot be read"),
        (["--dataset=mine.txt", "--set=d_modle=3"], "did you mean d_model"),
        (["--dataset=mine.txt", "--set=d_model"], "write --set=NAME=VALUE"),
        (["--dataset=mine.txt", "--set=tokenizer=bpe"], "tokenizer='bpe' is unknown"),
        (["--dataset=mine.txt", "--set=batch_tokens=99999"], "is too short for a batch"),
        (["--dataset=mine.txt", "--set=subword_sampling=0.1"], "subword_sampling"),
        (["--resume", "--run_dir=nowhere"], "run_dir=nowhere holds no run"),
        (["--model_dir=nowhere"], "model_dir=nowhere is not a directory"),
        (["--top_p=2"], "top_p"),
    ],
)
def test_mistakes(arguments, says, refused, home):
    assert says in refused("09", *arguments)
