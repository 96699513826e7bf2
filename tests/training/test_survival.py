"""A run that is stopped, killed or damaged ends, bit for bit, as if it had not been."""

import signal
import subprocess
import sys

import numpy as np
import pytest

from tests.first_run import CHECKOUT, environment
from tests.training.tiny_run import CONFIG, STEPS, curve, new_model, run_training, state
from tf_transformer.training import Checkpoints, Run, load_model
from tf_transformer.training.throughput import Throughput


def assert_same(ours, theirs):
    """A run, of which we have the model, is another bit for bit, of which we have the state."""
    for a, b in zip(state(ours[0]), theirs[0], strict=True):
        np.testing.assert_array_equal(a, b)
    assert curve(ours[1]) == curve(theirs[1])
    assert ours[1].best.name == theirs[1].best.name
    best, expected = (load_model(checkpoints.best) for _, checkpoints in (ours, theirs))
    for a, b in zip(best.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def snapshots(directory):
    """Return the names of what is in a run's directory of checkpoints, but for the models."""
    names = (path.name for path in Run(directory).checkpoint_dir.iterdir())
    return sorted(name for name in names if not name.endswith((".keras", ".json")))


def be_killed(directory, place):
    """Train in a process that gets signal 9; return what it said."""
    killed = subprocess.run(
        [sys.executable, "-m", "tests.training.tiny_run", str(directory), place],
        cwd=CHECKOUT,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    return killed.stdout


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_stopped_by_ctrl_c_and_by_the_clock(uninterrupted, model, tmp_path):
    before = signal.getsignal(signal.SIGINT)
    interrupt(model, tmp_path, at_step=0)
    assert signal.getsignal(signal.SIGINT) == before
    assert Checkpoints(Run(tmp_path).checkpoint_dir).epochs == []

    _, checkpoints = run_training(tmp_path, CONFIG.replace(max_minutes=1e-9), model)
    assert model.optimizer.iterations == checkpoints.step == 2 < STEPS
    (logs,) = checkpoints.epochs  # what there is, is scored
    assert (logs["epoch"], logs["step"]) == (1, 2)
    assert np.isfinite([logs["val_loss"], logs["val_bleu"]]).all()
    assert Checkpoints(Run(tmp_path).checkpoint_dir).best.name == "step-0000002.keras"

    interrupt(model, tmp_path, at_step=STEPS - 3)  # the last step of the epoch
    checkpoints = Checkpoints(Run(tmp_path).checkpoint_dir)
    assert [logs["step"] for logs in checkpoints.epochs] == [STEPS]
    assert checkpoints.best.name == f"step-{STEPS:07d}.keras"

    assert_same(run_training(tmp_path, model=model), uninterrupted)


def interrupt(model, directory, at_step):
    """Train up to a step of the epoch, then press Ctrl-C."""

    def press_ctrl_c(callback, batch, logs=None):
        if batch == at_step:
            signal.raise_signal(signal.SIGINT)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Throughput, "on_train_batch_begin", press_ctrl_c)
        with pytest.raises(KeyboardInterrupt):
            run_training(directory, model=model)


@pytest.mark.long
def test_killed_in_an_epoch_then_damaged_then_killed_while_it_saves(uninterrupted, model, tmp_path):
    half = STEPS // 2
    be_killed(tmp_path, "epoch")
    before, last = snapshots(tmp_path)  # of the steps that a thread has had time to write
    assert before < last <= f"step-{half:07d}"

    newest = Run(tmp_path).checkpoint_dir / last
    flip_a_bit(newest / "variables.npz")
    said = be_killed(tmp_path, "save")
    (line,) = (line for line in said.splitlines() if "damaged" in line)
    assert line.startswith(f"{newest} is damaged")
    assert line.endswith(f"going back to {before}.")
    step = int(before.removeprefix("step-"))
    assert (f"\nResumed after step {step}: " in said) == (step > 0)
    torn, *whole = snapshots(tmp_path)
    assert torn.startswith(".writing-")
    assert whole == [before, f"step-{STEPS:07d}"]

    assert_same(run_training(tmp_path, model=model), uninterrupted)
    assert snapshots(tmp_path) == [f"step-{2 * STEPS:07d}", f"step-{3 * STEPS:07d}"]


def test_dropout_is_drawn_at_each_step_by_each_layer_for_itself(uninterrupted, model):
    values = zip(model.variables, uninterrupted[0], strict=False)  # then those of the optimizer
    states = [value for variable, value in values if "seed_generator" in variable.path]
    assert len(states) > 1
    assert all(drawn > 0 and drawn % (3 * STEPS) == 0 for _, drawn in states)
    assert len({seed for seed, _ in states}) == len(states)


def test_a_finished_run_has_nothing_left_to_train(uninterrupted, capsys):
    _, checkpoints = uninterrupted
    model = new_model()
    before = model.get_weights()
    _, resumed = run_training(checkpoints.directory.parent, model=model)
    assert "Nothing is left to train" in capsys.readouterr().out
    assert resumed.epochs == checkpoints.epochs
    assert resumed.best == checkpoints.best
    for weight, value in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, value)
