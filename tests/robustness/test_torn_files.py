"""A file of a run or an export that is torn, emptied or gone is named, or is not missed."""

import io
import json
import re
import runpy
import shutil

import pytest
import tensorflow as tf

import tf_transformer as tft
from tf_transformer.errors import UserError
from tf_transformer.export import export_ctranslate2
from tf_transformer.tasks import load_task
from tf_transformer.training import Checkpoints

TEXTS = ["o gato vê um livro.", "a menina compra o navio!"]


def tear(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path):
    path.write_bytes(b"")


DAMAGES = {"torn": tear, "emptied": empty, "gone": lambda path: path.unlink()}


def damaged(path, read):
    """Yield what `read` finds, or the `UserError` that it raises, after each kind of damage."""
    whole = path.read_bytes()
    for name, damage in DAMAGES.items():
        damage(path)
        try:
            found = read()
        except UserError as error:
            found = error
        finally:
            path.write_bytes(whole)
        yield name, found


def assert_names(error, *paths):
    assert "\n" not in str(error)
    assert len(str(error)) < 600
    assert any(str(path) in str(error) for path in paths), error


# A run


@pytest.fixture(scope="module")
def run(first_run, tmp_path_factory):
    """A copy of a finished run, to damage and repair."""
    return tft.Run.open(shutil.copytree(first_run.run_dir, tmp_path_factory.mktemp("run") / "run"))


def read(run):
    """Read all that scoring a run and exporting it read."""
    return {
        "config": tft.Run.open(run.directory).load_config(),
        "tokens": [x.tokenize(tf.constant(TEXTS)).to_list() for x in run.tokenizers()],
        "scores": run.metrics(),
        "confidence": run.confidence() and run.confidence().to_dict(),
        "weights": [weight.tobytes() for weight in run.model().get_weights()],
    }


def resume(run, data):
    """Return the step after which a run would go on, and the name of its best model."""
    checkpoints = Checkpoints(run.checkpoint_dir)
    checkpoints.resume(data)
    return checkpoints.step, checkpoints.best.name


NEEDED = (
    "config.json",
    "confidence.json",
    "metrics.json",
    "tokenizer/tokenizer.json",
    "tokenizer/tokenizer.model",
    "checkpoints/step-*.keras",
)
REPLACED = (
    "checkpoints/checkpoints.json",
    *(f"checkpoints/step-*/{name}" for name in ("manifest.json", "progress.json", "variables.npz")),
)
UNREAD = (".lock", "*.png", "logs/**/*", "tokenizer/tokenizer.vocab")


def files(run, *patterns):
    return {path for pattern in patterns for path in run.directory.glob(pattern) if path.is_file()}


def test_files_that_a_run_needs_are_named_if_damaged(run):
    whole = read(run)
    assert files(run, *NEEDED, *REPLACED, *UNREAD) == files(run, "**/*")
    for path in files(run, *NEEDED):
        for damage, found in damaged(path, lambda: read(run)):
            if isinstance(found, UserError):
                assert_names(found, path, path.parent)
            elif (path.name, damage) == ("confidence.json", "gone"):  # as in a run of before
                assert found == whole | {"confidence": None}
            else:  # an older model, which nobody needs
                assert path.name.startswith("step-"), (path, damage)
                assert path != Checkpoints(run.checkpoint_dir).best
                assert found == whole


def test_files_of_a_checkpoint_are_replaced_by_the_one_before_if_damaged(run, capsys):
    steps = sorted(run.checkpoint_dir.glob("step-*/progress.json"))
    data = json.loads(steps[-1].read_text())["data"]
    before, last = (int(path.parent.name.removeprefix("step-")) for path in steps)
    best = Checkpoints(run.checkpoint_dir).best.name
    for path in files(run, *REPLACED):
        for damage, found in damaged(path, lambda: resume(run, data)):
            said = capsys.readouterr().out
            assert found[0] in (before, last), (path, damage)
            if found != (last, best) or path.name == "checkpoints.json":
                assert re.search(rf"^{path.parent}\S* is damaged.*: going back", said), said


# Exports


@pytest.fixture(scope="module")
def saved_model(first_run, tmp_path_factory):
    """A copy of a SavedModel, to damage and repair."""
    return shutil.copytree(first_run.model_dir, tmp_path_factory.mktemp("export") / "model")


@pytest.mark.parametrize(
    "name",
    [
        "saved_model.pb",
        # What the variables say if they are torn, tests/export/test_load_errors.py says too.
        pytest.param("variables/variables.index", marks=pytest.mark.long),
        pytest.param("variables/variables.data-00000-of-00001", marks=pytest.mark.long),
        pytest.param("fingerprint.pb", marks=pytest.mark.long),
        pytest.param("README.md", marks=pytest.mark.long),
    ],
)
def test_a_damaged_file_of_a_saved_model_is_named_or_not_missed(name, saved_model):
    def answers():
        return load_task(saved_model)(TEXTS)

    path = saved_model / "1" / name
    for damage, found in damaged(path, answers):
        if isinstance(found, UserError):
            assert_names(found, saved_model)
        else:
            assert name in ("README.md", "fingerprint.pb"), damage
            assert len(set(found)) == 2


def test_a_damaged_file_of_a_ctranslate2_export_is_named(run, tmp_path, capsys, monkeypatch):
    directory = tmp_path / "model"
    export_ctranslate2(run.model(), *run.tokenizers(), directory)
    script = runpy.run_path(str(directory / "translate.py"))

    def translate():
        monkeypatch.setattr("sys.argv", ["translate.py", "--beam_size=1"])
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("\n".join(TEXTS).encode())))
        capsys.readouterr()
        code = 0
        try:
            script["main"]()
        except SystemExit as exit:
            code = exit.code
        return code, *capsys.readouterr()

    whole = translate()
    assert whole[0] == 0
    unread = {"README.md", "tokenizer.vocab", "translate.py"}
    for path in (path for path in directory.rglob("*") if path.is_file()):
        for damage, found in damaged(path, translate):
            code, _, err = found
            if path.name in unread:
                assert found == whole
            else:
                assert code == 2, (path, damage)
                assert err.count("\n") == 1
                assert err.startswith("error: ")
                assert str(directory) in err
