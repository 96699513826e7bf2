"""Training through Keras's JAX backend, in a process of its own."""

import importlib.util
import subprocess
import sys

import pytest

from tests.first_run import CHECKOUT, SMALL, environment, run, write_pairs

pytestmark = pytest.mark.skipif(not importlib.util.find_spec("jax"), reason="needs jax")

PROGRAM = """
import sys
import numpy as np
from tests.training import tiny_run as tiny
from tf_transformer.training import Run, load_model, train_translator

def run(name, **changes):
    model = tiny.new_model(dtype="mixed_bfloat16")
    config = tiny.CONFIG.replace(**changes)
    directory = Run(f"{sys.argv[1]}/{name}")
    return model, train_translator(
        model, config, tiny.BATCHES, tiny.VALIDATION, run=directory
    )

averaged = {"ema": 0.9, "optimizer": "muon", "schedule": "cosine"}  # as in ted_gpu.toml
whole, checkpoints = run("whole", **averaged)
losses = [epoch["val_loss"] for epoch in checkpoints.epochs]
assert losses == sorted(losses, reverse=True), losses
assert checkpoints.best.name == f"step-{checkpoints.step:07d}.keras"

_, part = run("parts", max_minutes=1e-9, **averaged)
assert 0 < part.step < tiny.STEPS
model, parts = run("parts", **averaged)
for ours, theirs in zip(tiny.state(model), tiny.state(whole)):
    np.testing.assert_array_equal(ours, theirs)
assert tiny.curve(parts) == tiny.curve(checkpoints)

run("last", average_last=2, accumulate=2)
"""


def on_jax():
    return environment() | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}


def test_it_learns_and_goes_on_bit_for_bit(tmp_path):
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        cwd=CHECKOUT,
        env=on_jax(),
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr


@pytest.mark.long
def test_the_recipe_trains_with_jax_then_scores_and_exports_with_tensorflow(tmp_path, monkeypatch):
    (tmp_path / "recipes").symlink_to(CHECKOUT / "recipes", target_is_directory=True)
    write_pairs(tmp_path / "mine.tsv")
    for name, value in on_jax().items():
        monkeypatch.setenv(name, value)
    finished = run(
        [sys.executable, "recipes/05_train_translator.py", "--dataset=mine.tsv", *SMALL]
        + ["--epochs=2", "--run_dir=runs/mine", "--export_dir=saved_models/mine"]
        + ["--export_anyway"],  # goes with it to the other process
        cwd=tmp_path,
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    assert "Trained with jax. TensorFlow continues:" in finished.stdout
    assert (tmp_path / "saved_models" / "mine" / "1" / "saved_model.pb").is_file()
    metrics = (tmp_path / "runs" / "mine" / "metrics.json").read_text(encoding="utf-8")
    assert '"backend": "jax"' in metrics
