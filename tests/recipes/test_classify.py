"""Recipe 10: from texts with labels to a SavedModel that classifies."""

import json

import pytest

import tf_transformer as tft
from tests.small import ON_COMMAND_LINE

SMALL = [
    *ON_COMMAND_LINE,
    *("--set=tokenizer=characters", "--set=max_length=32", "--set=batch_tokens=512"),
]


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The current directory, with texts."""
    monkeypatch.chdir(tmp_path)
    rows = [
        f"{'bad' if 'not' in verb else 'good'}\tthe {noun}{n} {verb} nice\n"
        for noun in ("cat", "dog", "mat", "sea")
        for n in range(20)
        for verb in ("is", "is not")
    ]
    (tmp_path / "mine.tsv").write_text("".join(rows))
    return tmp_path


@pytest.mark.long
def test_several_seeds_are_trained_and_the_best_exported(recipe, refused, home):
    less = ["--epochs=2", "--seeds=2", "--export_anyway", "--text=the mat1 is not nice"]
    finished = recipe("10", "--dataset=mine.tsv", *SMALL, *less)
    assert (finished.code, finished.err) == (0, "")
    assert "the mean over 2 seeds" in finished.out
    assert "The SavedModel is saved_models/mine-classes/1." in finished.out
    assert "%\tthe mat1 is not nice\n" in finished.out
    run = home / "runs" / "mine-classes"
    assert "What the words add to the answer (mine.tsv)" in (run / "words.html").read_text()
    assert (run / "words.png").is_file()
    for seed in (1, 2):
        metrics = json.loads((run / f"seed-{seed}" / "metrics.json").read_text())
        assert metrics["config"]["training"]["seed"] == seed
        assert 0 <= metrics["accuracy"] <= 1
        ((name, of_baseline),) = metrics["baselines"].items()
        assert 0.3 < of_baseline["accuracy"] < 0.7
        assert metrics["unbeaten"] in ("", name)

    answered = recipe(
        "10", "--model_dir=saved_models/mine-classes", "--text=the cat1 is nice", "--text="
    )
    assert answered.code == 0, answered
    lines = answered.out.splitlines()
    assert [line.split("\t")[0] in ("good", "bad") for line in lines] == [True, True]
    assert lines[0].endswith("%\tthe cat1 is nice")

    (home / "mine.tsv").unlink()
    again = ["08", f"--run_dir={run / 'seed-1'}", "--export_dir=again"]
    assert "the model is not clearly better than always answering" in refused(*again)
    again = recipe(*again, "--export_anyway")
    assert (again.code, again.err) == (0, "")
    assert "Classify texts with:\n\n  python recipes/10_classify.py --model_dir=again " in again.out
    card = (home / "again" / "1" / "README.md").read_text(encoding="utf-8")
    assert "accuracy on `test`" in card
    assert "validation_accuracy" not in card
    texts = ["the cat1 is nice", "the dog7 is not nice"]
    assert tft.load("again")(texts) == tft.load(run / "seed-1")(texts)


def test_classes_are_counted_and_odd_ones_named_before_the_training(recipe, home):
    with open(home / "mine.tsv", "a") as file:
        file.write("Good\ta nice cat\n\tno label\n")
    too_small = ["--set=tokenizer=sentencepiece", "--set=vocab_size=8"]
    finished = recipe("10", "--dataset=mine.tsv", *SMALL, *too_small)
    assert "4 classes to tell apart: (blank) 1, Good 1, bad " in finished.out
    assert "classes that differ only in case: 'Good' and 'good'" in finished.err
    assert "labels are blank" in finished.err
    assert (finished.code, "a larger vocab_size." in finished.err) == (2, True)
    assert not (home / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--dataset=missing.tsv"], "missing.tsv: cannot be read"),
        (["--dataset=a.tsv,b.tsv,c.tsv"], "3 files where one or two are needed"),
        (["--dataset=mine.tsv", "--set=word_dropout=1"], "word_dropout=1.0"),
        (["--model_dir=nowhere"], "nothing to classify"),
        (["--model_dir=nowhere", "--text=a"], "model_dir=nowhere is not a directory"),
        (["--seeds=0"], "seeds"),
    ],
)
def test_mistakes(arguments, says, refused, home):
    assert says in refused("10", *arguments)
