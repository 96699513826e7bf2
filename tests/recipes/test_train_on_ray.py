"""Training in the workers of a Ray cluster that this machine makes."""

import importlib.util
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from tests.first_run import CHECKOUT, SMALL, environment, write_pairs
from tf_transformer.training import Checkpoints

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not (importlib.util.find_spec("ray") and importlib.util.find_spec("jax")),
        reason="needs ray and jax",
    ),
]


def test_workers_go_on_from_the_last_checkpoint_when_one_dies(tmp_path):
    write_pairs(tmp_path / "mine.tsv")
    run_dir = tmp_path / "runs" / "mine"
    with open(tmp_path / "said.txt", "w+", encoding="utf-8") as said:
        training = subprocess.Popen(
            [sys.executable, str(CHECKOUT / "recipes" / "train_on_ray.py"), "--num_workers=2"]
            + ["--dataset=mine.tsv", "--run_dir=runs/mine", *SMALL, "--epochs=40"]
            + ["--set", "max_shapes=1"],
            cwd=tmp_path,
            env=environment(),
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        # A checkpoint of a later step than the first, which comes after the best model.
        snapshots = "checkpoints/step-*[1-9]*/manifest.json"
        while training.poll() is None and not list(run_dir.glob(snapshots)):
            time.sleep(0.2)
        assert training.poll() is None, (tmp_path / "said.txt").read_text(encoding="utf-8")
        before = len(Checkpoints(run_dir / "checkpoints").epochs)
        process = re.search(r"process (\d+)", (run_dir / ".lock").read_text())[1]
        os.kill(int(process), signal.SIGKILL)  # worker 0
        code = training.wait()
        said.seek(0)
        text = said.read()
    assert code == 0, text
    assert 0 < before < 40
    assert "Resumed after step" in text
    assert len(Checkpoints(run_dir / "checkpoints").epochs) == 40
