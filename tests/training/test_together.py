"""Several processes that train one model, through Keras's JAX backend."""

import importlib.util
import json
import socket
import subprocess
import sys
import tempfile

import pytest

import tf_transformer as tft
from tests.first_run import CHECKOUT, SMALL, environment, write_pairs
from tests.training.tiny_team import STEPS
from tf_transformer.config import Processes
from tf_transformer.errors import UserError
from tf_transformer.training import Checkpoints, together

# What one start compiles, the next one finds.
CACHE = {
    "JAX_COMPILATION_CACHE_DIR": tempfile.mkdtemp(),
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
}

needs_jax = pytest.mark.skipif(not importlib.util.find_spec("jax"), reason="needs jax")


def test_several_devices_need_the_jax_backend():
    with pytest.raises(UserError, match="KERAS_BACKEND=jax"), together(Processes()):
        pass


def start(count, command, cwd=CHECKOUT, **options):
    """Start so many processes that train together, on one core each; return what they end with."""
    with socket.socket() as found:
        found.bind(("", 0))
        port = found.getsockname()[1]
    surroundings = environment() | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"} | CACHE
    processes = [
        subprocess.Popen(
            [sys.executable, *command(port, index)],
            cwd=cwd,
            env=surroundings,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )
        for index in range(count)
    ]
    said = [process.communicate() for process in processes]
    return [(each.returncode, *texts) for each, texts in zip(processes, said, strict=True)]


def train(directory, count, end=None, step=0):
    """Train a tiny run; process 1 of two may be killed or interrupted at a step of its own."""

    def command(port, index):
        arguments = [str(directory), str(port), str(count), str(index)]
        is_last = index == count - 1
        ending = [end, str(step)] if end and is_last else []
        return ["-m", "tests.training.tiny_team", *arguments, *ending]

    return start(count, command)


def losses(directory, count, index):
    return json.loads(directory.with_name(f"{directory.name}-{count}-{index}.json").read_text())


def curve(directory):
    names = ("step", "loss", "val_loss", "accuracy", "val_perplexity")
    epochs = Checkpoints(directory / "checkpoints").epochs
    return [value for logs in epochs for name, value in logs.items() if name in names]


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A run that one process has trained."""
    directory = tmp_path_factory.mktemp("run") / "alone"
    assert train(directory, 1)[0][0] == 0
    assert len(losses(directory, 1, 0)) == STEPS
    return directory


@needs_jax
@pytest.mark.slow
def test_two_processes_train_as_one(alone, tmp_path):
    both = tmp_path / "both"
    assert [code for code, *_ in train(both, 2)] == [0, 0]
    assert losses(both, 2, 0) == pytest.approx(losses(alone, 1, 0), abs=1e-5)
    assert losses(both, 2, 1) == losses(both, 2, 0)
    assert curve(both) == pytest.approx(curve(alone), abs=1e-5)


@needs_jax
@pytest.mark.long
def test_the_others_go_on_when_one_process_has_died(alone, tmp_path):
    expected, others = losses(alone, 1, 0), tmp_path / "others"
    first, second = train(others, 2, "killed", 23)
    assert second[0] < 0
    assert first[0] not in (0, None)
    assert "start all processes again" in first[2]
    done = losses(others, 2, 0)
    assert done[:23] == pytest.approx(expected[:23], abs=1e-5)
    assert losses(others, 2, 1)[:23] == done[:23]

    first, second = train(others, 2, "interrupted", 5)  # 23 steps are done
    assert "Resumed after step 2" in first[1]
    assert second[1].splitlines()[-1].startswith("This is process 1 of 2")
    assert "KeyboardInterrupt" in first[2]
    assert "KeyboardInterrupt" in second[2]
    assert losses(others, 2, 0) == losses(others, 2, 1)  # both stopped after the same step

    first, second = train(others, 2, "terminated", 5)  # as by a cluster that needs the machine
    assert "KeyboardInterrupt" in first[2]
    assert "KeyboardInterrupt" in second[2]
    assert losses(others, 2, 0) == losses(others, 2, 1)

    found = train(others, 2, "late")
    assert [code for code, *_ in found] == [0, 0]
    assert 0 < len(losses(others, 2, 0)) < STEPS - 23
    assert losses(others, 2, 0) == losses(others, 2, 1)

    ((code, said, _),) = train(others, 1)
    assert code == 0
    assert "Resumed after step" in said
    assert curve(others) == pytest.approx(curve(alone), abs=1e-5)
    assert len(list((others / "logs" / "train").iterdir())) == 5  # of process 0 alone


@needs_jax
@pytest.mark.long
@pytest.mark.parametrize("is_prepared", [False, True])
def test_the_recipe_trains_in_two_processes_and_the_first_exports(is_prepared, tmp_path):
    dataset = str(tmp_path / "mine.tsv")
    write_pairs(tmp_path / "mine.tsv")
    if is_prepared:
        dataset = str(tmp_path / "prepared")
        options = {"preset": "tiny", "vocab_size": 400, "max_length": 40, "processes": 1}
        tft.prepare(str(tmp_path / "mine.tsv"), dataset, **options)
    recipe = str(CHECKOUT / "recipes" / "05_train_translator.py")

    def command(port, index):
        where = [f"--coordinator=127.0.0.1:{port}", "--num_processes=2", f"--process_id={index}"]
        return [
            *(recipe, f"--dataset={dataset}", *SMALL, "--epochs=1", *where),
            *("--run_dir=runs/mine", "--export_dir=saved_models/mine", "--export_anyway"),
        ]

    first, second = start(2, command, cwd=tmp_path)
    assert (first[0], second[0]) == (0, 0), (first, second)
    assert "Trained with jax. TensorFlow continues:" in first[1]
    assert "Epoch" not in second[1]
    assert (tmp_path / "saved_models" / "mine" / "1" / "saved_model.pb").is_file()
