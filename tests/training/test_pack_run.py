"""A finished run made small: half the weights' room, and the same translations."""

import dataclasses
import shutil
import subprocess

import keras
import numpy as np
import pytest

import tf_transformer as tft
from tests import reference
from tests.first_run import PAIRS
from tests.small import SMALL
from tf_transformer.errors import UserError
from tf_transformer.training import Run, check_sums, pack_run
from tf_transformer.training.packed_weights import load_packed, save_packed

SOURCES = [source for source, _ in PAIRS]


@pytest.fixture(scope="module")
def packed(first_run, tmp_path_factory):
    return pack_run(Run.open(first_run.run_dir), tmp_path_factory.mktemp("packed") / "mine")


@pytest.fixture(scope="module")
def answers(packed, first_run):
    """What the small run and the run itself make of the same sentences, and their cards."""
    tasks = [tft.load(directory) for directory in (packed, first_run.run_dir)]
    return [(task(SOURCES[::4], details=True), task.card) for task in tasks]


@pytest.fixture
def copied(packed, tmp_path):
    shutil.copytree(packed, tmp_path / "mine")
    return tmp_path / "mine"


def test_it_translates_as_the_run_does(answers):
    (small, _), (large, _) = answers
    same = [a["translation"] == b["translation"] for a, b in zip(small, large, strict=True)]
    assert np.mean(same) >= 0.8  # some are close


def test_confidence_card_and_scores_come_with_it(answers, packed, first_run):
    (small, small_card), (large, card) = answers
    assert small[0]["confidence"] == pytest.approx(large[0]["confidence"], abs=0.05)
    assert str(small_card) == str(card)
    text = (packed / "README.md").read_text()
    assert text == str(dataclasses.replace(card, is_saved_model=False))
    assert "tft.load(" in text
    assert "saved_model.load" not in text
    metrics = Run.open(packed).metrics()
    assert metrics.steps == card.steps > 0
    assert dataclasses.replace(metrics, steps=0) == Run.open(first_run.run_dir).metrics()


def test_it_is_small_and_names_no_folder_of_this_machine(packed, first_run):
    weights = np.load(packed / "weights.npz", allow_pickle=False)
    assert {array.dtype for array in weights.values()} == {np.dtype(np.uint16)}
    best = next(first_run.run_dir.glob("checkpoints/*.keras"))
    assert (packed / "weights.npz").stat().st_size < best.stat().st_size / 2
    text = b"".join(file.read_bytes() for file in packed.rglob("*.*") if file.is_file())
    assert str(first_run.home).encode() not in text


def test_its_sums_are_those_that_other_programs_check(packed):
    check_sums(packed)
    done = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=packed)
    assert done.returncode == 0


@pytest.mark.parametrize("name", ["weights.npz", "config.json", "tokenizer/tokenizer.model"])
@pytest.mark.parametrize("torn", [True, False], ids=["torn", "missing"])
def test_what_is_damaged_is_named(name, torn, copied):
    data = (copied / name).read_bytes()
    (copied / name).unlink()
    if torn:
        (copied / name).write_bytes(data[: len(data) // 2])
    with pytest.raises(UserError, match=name):
        check_sums(copied)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:99]), "cannot be read"),
        (lambda path: path.write_bytes(b""), "cannot be read"),
        (lambda path: np.savez(path, a=np.zeros(3, np.uint16)), "of another model"),
        (lambda path: np.savez(path, a=np.array([{}], object)), "cannot be read"),
    ],
    ids=["torn", "empty", "another model's", "pickled"],
)
def test_bad_weights_are_named_in_one_line(damage, message, copied):
    damage(copied / "weights.npz")
    with pytest.raises(UserError, match=message):
        tft.load(copied)


def test_nothing_is_overwritten_and_an_unfinished_run_is_refused(packed, first_run, tmp_path):
    with pytest.raises(UserError, match="exists already"):
        pack_run(Run.open(first_run.run_dir), packed)
    shutil.copytree(first_run.run_dir, tmp_path / "run")
    (tmp_path / "run" / "metrics.json").unlink()
    with pytest.raises(UserError, match="not finished"):
        pack_run(Run.open(tmp_path / "run"), tmp_path / "small")
    assert not (tmp_path / "small").exists()


def test_packed_weights_are_the_nearest_bfloat16(tmp_path):
    config = tft.CausalLMConfig(vocab_size=30, **SMALL)
    model, other = reference.randomize(tft.CausalLM(config)), tft.CausalLM(config)
    save_packed(model, tmp_path / "weights.npz")
    load_packed(other, tmp_path / "weights.npz")
    for weight, found in zip(model.weights, other.weights, strict=True):
        expected = keras.ops.cast(keras.ops.cast(weight, "bfloat16"), "float32")
        np.testing.assert_array_equal(np.asarray(found), np.asarray(expected))
