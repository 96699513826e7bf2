"""A full disk, a read-only folder, a jumping clock, signal 9: nothing that was there is lost."""

import random
import time

import pytest

from tests.disks import leave_free
from tests.training.test_survival import assert_same, be_killed
from tests.training.tiny_run import run_training
from tf_transformer.cli.command_line import _is_full_disk

# A full disk


@pytest.mark.parametrize(
    "step", [pytest.param(200, id="few"), pytest.param(25, id="many", marks=pytest.mark.long)]
)
def test_a_run_goes_on_from_a_disk_that_was_full(
    step,
    uninterrupted,
    model,
    small_disk,
):
    errors = []
    for free in range(0, 450, step):
        leave_free(small_disk, free)
        try:
            run_training(small_disk / "run", model=model)
        except Exception as error:
            errors.append(error)
    assert len(errors) > 1
    assert all(map(_is_full_disk, errors)), errors
    (small_disk / "ballast").unlink()
    assert_same(run_training(small_disk / "run", model=model), uninterrupted)


# Signal 9


@pytest.mark.long
def test_a_run_that_is_killed_twenty_times_ends_as_if_it_had_not_been(
    uninterrupted,
    model,
    tmp_path,
):
    rng = random.Random(0)
    for _ in range(20):
        be_killed(tmp_path, str(rng.randint(1, 12)))
    assert_same(run_training(tmp_path, model=model), uninterrupted)


# The clock


@pytest.mark.long
def test_a_clock_that_jumps_changes_no_step_and_no_minute(
    uninterrupted,
    model,
    tmp_path,
    monkeypatch,
):
    now, jumps = time.time, random.Random(0)
    monkeypatch.setattr(time, "time", lambda: now() + jumps.choice((-1e9, -3600, 0, 3600, 1e8)))
    found = run_training(tmp_path, model=model)
    assert_same(found, uninterrupted)
    minutes = [logs["minutes"] for logs in found[1].epochs]
    assert minutes == sorted(minutes)
    assert 0 <= minutes[-1] < 10
    assert all(0 < logs["tokens_per_second"] < 1e9 for logs in found[1].epochs)
