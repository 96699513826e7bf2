"""Recipe 05: each mistake gets one line that names it, and nothing of the user's is lost."""

import errno
import json
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.first_run import EPOCHS, PAIRS, write_pairs


@pytest.fixture
def train(refused, tmp_path, monkeypatch):
    """Runs recipe 05 with arguments that must be refused, in an empty directory."""
    monkeypatch.chdir(tmp_path)
    write_pairs(tmp_path / "mine.tsv")

    def run(*arguments, dataset="mine.tsv"):
        line = refused("05", f"--dataset={dataset}", *arguments)
        assert not (tmp_path / "saved_models").exists()
        return line

    return run


@pytest.fixture
def old_run(first_run, tmp_path):
    """A copy of a finished run, to damage."""
    return shutil.copytree(first_run.run_dir, tmp_path / "old_run")


def contents(directory):
    """Return all files under a directory with what is in them."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return {str(path.relative_to(directory)): path.read_bytes() for path in files}


# The data


def test_a_missing_file(train, tmp_path):
    assert "missing.tsv" in train(dataset="missing.tsv")
    assert not (tmp_path / "runs").exists()


def test_a_directory_in_place_of_a_file(train, tmp_path):
    (tmp_path / "folder.tsv").mkdir()
    assert "folder.tsv: cannot be read" in train(dataset="folder.tsv")


@pytest.mark.parametrize(("line", "columns"), [("one column", 1), ("a\tb\tc", 3)])
def test_a_wrong_number_of_columns(line, columns, train, tmp_path):
    (tmp_path / "bad.tsv").write_text(f"bom dia\tgood morning\n{line}\n")
    message = train(dataset="bad.tsv")
    assert "bad.tsv, line 2" in message
    assert f"{columns} column" in message


def test_aligned_files_of_different_lengths(train, tmp_path):
    (tmp_path / "train.pt").write_text("um\ndois\ntrês\n")
    (tmp_path / "train.en").write_text("one\ntwo\n")
    message = train(dataset="train.pt,train.en")
    assert "train.pt has 3 lines" in message
    assert "train.en has 2" in message


def test_invalid_utf8(train, tmp_path):
    (tmp_path / "latin.tsv").write_bytes("sim\tyes\nnão\tno\n".encode("latin-1"))
    assert "latin.tsv, line 2: not UTF-8" in train(dataset="latin.tsv")


@pytest.mark.parametrize("text", ["", "\n\n", "um\tone\n"])
def test_a_file_with_too_few_pairs(text, train, tmp_path):
    (tmp_path / "few.tsv").write_text(text)
    assert "few.tsv" in train(dataset="few.tsv")
    assert not (tmp_path / "runs").exists()


def test_an_unknown_dataset(train):
    message = train("--data_dir=data", dataset="ted_hrlr_translat/pt_to_en")
    assert "ted_hrlr_translat/pt_to_en" in message
    assert "did you mean ted_hrlr_translate" in message


@pytest.mark.parametrize(
    ("dataset", "says"),
    [
        ("mine.tsv*x", 'mine.tsv*x is no file, and "x" is no weight'),
        ("mine.tsv + ", "a corpus is missing next to +"),
        ("mine.tsv*2+phrasebook*3", "write spaces around +"),
        ("mine.tsv + other.tsv*3", "other.tsv: cannot be read"),
        ("mine.tsv + mine.tsv*3", "mine.tsv is there twice"),
    ],
)
def test_a_mistaken_mixture(dataset, says, train, tmp_path):
    assert says in train(dataset=dataset)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("field", ["tokenizer=wordpiece", "joint_vocabulary=false"])
def test_both_directions_need_one_vocabulary_with_tags(field, train):
    message = train("--directions=both", "--set=tie=target", f"--set={field}")
    assert "directions=both needs one vocabulary with tags" in message


def test_no_network(train, tmp_path, monkeypatch):
    import tensorflow_datasets as tfds

    def download(builder, **_):
        raise ConnectionError("Name or service not known")

    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", download)
    message = train(f"--data_dir={tmp_path / 'data'}", dataset="ted_hrlr_translate/pt_to_en")
    for words in ("Name or service not known", "--data_dir", ".tsv", "--dataset=phrasebook"):
        assert words in message
    assert not (tmp_path / "runs").exists()


# The configuration


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--preset=tutoral"], "did you mean tutorial"),
        (["--preset=huge"], "'huge' is unknown"),
        (["--set=num_layer=2"], "did you mean num_layers"),
        (["--set", "zzz=1"], "'zzz' is not a configuration field"),
        (["--set=d_model"], "--set=d_model: write --set=NAME=VALUE"),
        (["--set="], "write --set=NAME=VALUE"),
        (["--set=d_model=wide"], "d_model='wide': this field takes an int"),
        (["--set=d_model=100", "--set=num_heads=3"], "d_model=100 is not divisible by num_heads=3"),
        (["--set=norm=middle"], "norm='middle' is unknown"),
        (["--set=text_form=moses"], "text_form='moses' is unknown"),
        (["--set=dropout=1"], "dropout=1"),
        (["--epochs=0"], "epochs=0"),
        (["--epochs=many"], "--epochs"),
        (["--max_minutes=-1"], "max_minutes=-1"),
        (["--batch_tokens=50"], "max_length=128 is over batch_tokens=50"),
        (["--unknown_flag=1"], "unknown_flag"),
        (["--epoch=3"], "epoch"),
        (["--set", "d_model=64", "d_ff=128"], "d_ff=128"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_impossible_settings(arguments, says, train, tmp_path):
    assert says in train(*arguments)
    assert not (tmp_path / "runs").exists()


def test_one_table_for_two_vocabularies(train, tmp_path):
    settings = ["--set=tie=all", "--set=joint_vocabulary=false", "--set=vocab_size=400"]
    assert "joint_vocabulary" in train("--run_dir=run", *settings)
    assert not (tmp_path / "run").exists()  # so that the next try may use it


def test_a_vocabulary_that_is_too_small(train, tmp_path):
    assert "vocab" in train("--run_dir=run", "--set=vocab_size=100")
    assert not (tmp_path / "run").exists()


# What is there already


def test_a_run_that_exists(train, old_run):
    before = contents(old_run)
    message = train(f"--run_dir={old_run}")
    assert str(old_run) in message
    assert "--resume" in message
    assert contents(old_run) == before


def test_a_run_dir_of_something_else(train, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "notes.txt").write_text("mine")
    message = train("--run_dir=run")
    assert "run_dir=run is not empty" in message
    assert "--resume" not in message
    assert contents(tmp_path / "run") == {"notes.txt": b"mine"}


@pytest.mark.parametrize("run_dir", ["file", "file/below"])
def test_a_run_dir_that_is_a_file(run_dir, train, tmp_path):
    (tmp_path / "file").write_text("mine")
    assert f"run_dir={run_dir}" in train(f"--run_dir={run_dir}")
    assert (tmp_path / "file").read_text() == "mine"


def test_an_export_dir_that_is_a_file(train, tmp_path):
    (tmp_path / "model").write_text("mine")
    assert "export_dir=model is a file" in train("--export_dir=model", "--run_dir=run")
    assert (tmp_path / "model").read_text() == "mine"
    assert not (tmp_path / "run").exists()  # known before the work begins


# Resuming


def test_nothing_to_resume(train, tmp_path):
    assert "run_dir=nowhere holds no run to resume" in train("--run_dir=nowhere", "--resume")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"dataset": "mine.tsv"}'])
def test_a_damaged_configuration(text, train, old_run):
    (old_run / "config.json").write_text(text)
    before = contents(old_run)
    assert "config.json" in train(f"--run_dir={old_run}", "--resume")
    assert contents(old_run) == before


def test_a_shape_that_the_run_does_not_have(train, old_run):
    message = train(f"--run_dir={old_run}", "--resume", "--set=num_heads=4", "--set=d_model=64")
    assert "d_model=64: this run's model has d_model=32" in message


def damage_checkpoints(run, count):
    paths = sorted((run / "checkpoints").glob("step-*/variables.npz"), reverse=True)
    assert len(paths) == 2
    for path in paths[:count]:
        path.write_bytes(path.read_bytes()[:1000])
    return [path.parent.name for path in paths]


def test_damaged_checkpoints(train, old_run):
    names = damage_checkpoints(old_run, 2)
    before = contents(old_run / "checkpoints")
    message = train(f"--run_dir={old_run}", "--resume", f"--epochs={EPOCHS + 1}")
    assert all(name in message for name in names)
    assert contents(old_run / "checkpoints") == before


def test_a_run_whose_checkpoints_are_gone(train, old_run):
    for name in damage_checkpoints(old_run, 2):
        shutil.rmtree(old_run / "checkpoints" / name)
    assert "no checkpoint to resume" in train(f"--run_dir={old_run}", "--resume")


def test_other_text_than_before(train, old_run, tmp_path):
    (tmp_path / "mine.tsv").write_text("".join(f"{pt}\t{en}\n" for pt, en in PAIRS[:50]))
    assert "other batches" in train(f"--run_dir={old_run}", "--resume", f"--epochs={EPOCHS + 1}")


def test_a_damaged_index_of_checkpoints_that_are_gone(train, old_run):
    for name in damage_checkpoints(old_run, 2):
        shutil.rmtree(old_run / "checkpoints" / name)
    (old_run / "checkpoints" / "checkpoints.json").write_text('{"last": ')
    assert "checkpoints.json" in train(f"--run_dir={old_run}", "--resume")


def test_a_damaged_vocabulary(train, old_run):
    (old_run / "tokenizer" / "tokenizer.model").write_bytes(b"")
    assert f"{old_run}/tokenizer" in train(f"--run_dir={old_run}", "--resume")


# A full disk


def full_disk(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.long
def test_a_full_disk_while_a_checkpoint_is_written(train, old_run, monkeypatch):
    checkpoints = contents(old_run / "checkpoints")
    monkeypatch.setattr(keras.Model, "save", full_disk)
    monkeypatch.setattr(np, "savez", full_disk)
    assert "the disk is full" in train(f"--run_dir={old_run}", "--resume", f"--epochs={EPOCHS + 1}")
    assert contents(old_run / "checkpoints") == checkpoints


def test_a_full_disk_while_the_model_is_exported(refused, old_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_pairs(tmp_path / "mine.tsv")
    checkpoints = contents(old_run / "checkpoints")
    (tmp_path / "model" / "1").mkdir(parents=True)
    monkeypatch.setattr(tf.saved_model, "save", full_disk)
    message = refused("05", f"--run_dir={old_run}", "--resume", "--export_dir=model")
    assert "the disk is full" in message
    assert [path.name for path in (tmp_path / "model").iterdir()] == ["1"]
    assert contents(old_run / "checkpoints") == checkpoints
    assert json.loads((old_run / "metrics.json").read_text())["bleu"] >= 0
