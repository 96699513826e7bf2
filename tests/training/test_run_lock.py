"""Two processes cannot write to one run."""

import signal
import subprocess
import sys

import pytest

from tests.first_run import CHECKOUT, environment
from tf_transformer.config import preset
from tf_transformer.errors import UserError
from tf_transformer.training import Run, run_lock

HOLD = f"""
import runpy, sys, time
lock = runpy.run_path({run_lock.__file__!r})["RunLock"].of(sys.argv[1])
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def holder():
    """Starts a process that has the lock of a directory; in the end it is killed."""
    processes = []

    def hold(directory):
        command = [sys.executable, "-c", HOLD, str(directory)]
        process = subprocess.Popen(
            command, cwd=CHECKOUT, env=environment(), stdout=subprocess.PIPE, text=True
        )
        processes.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield hold
    for process in processes:
        kill(process)


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


@pytest.fixture
def run(tmp_path):
    """A run that nobody trains any more."""
    Run.create(tmp_path / "run").save_config("phrasebook", *preset("tiny"))
    return Run.open(tmp_path / "run")


def test_a_run_that_another_process_trains_is_refused_until_that_process_dies(run, holder):
    process = holder(run.directory)
    before = (run.directory / "config.json").read_bytes()
    with pytest.raises(UserError, match=rf"run is in use by process {process.pid} on \S+: wait"):
        run.resume_config({"epochs": 7})
    assert (run.directory / "config.json").read_bytes() == before
    kill(process)
    _, _, training = run.resume_config({"epochs": 7})
    assert training.epochs == 7


def test_two_processes_that_start_one_run_at_once_do_not_share_it(tmp_path, holder):
    holder(tmp_path)
    with pytest.raises(UserError, match="is in use by process"):
        Run.create(tmp_path)


def test_a_run_that_this_process_has_is_open_to_it_and_closed_to_others(run):
    run.resume_config({})
    again = Run.open(run.directory)
    again.resume_config({})
    del run  # the other object keeps the lock
    other = subprocess.run(
        [sys.executable, "-c", HOLD, str(again.directory)],
        cwd=CHECKOUT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "is in use by process" in other.stderr


def test_a_run_can_be_read_while_another_process_trains_it(run, holder):
    holder(run.directory)
    assert run.load_config()[0] == "phrasebook"


def test_a_run_that_was_only_begun_does_not_stand_in_the_way(tmp_path, holder):
    kill(holder(tmp_path))
    Run.create(tmp_path)
