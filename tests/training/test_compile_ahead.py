"""What is compiled ahead is what `fit` would compile: no step is traced or compiled anew."""

import importlib.util
import subprocess
import sys

import pytest

from tests.first_run import CHECKOUT, environment

pytestmark = pytest.mark.skipif(not importlib.util.find_spec("jax"), reason="needs jax")

PROGRAM = """
import contextlib
import pathlib
import sys
import jax
from tests.training import tiny_run as tiny
from tf_transformer.data import BucketedBatches
from tf_transformer.models import Transformer
from tf_transformer.training import Run, train_translator
from tf_transformer.training import fit as _  # the module below has the name of a function

fitting = sys.modules["tf_transformer.training.fit"]
directory = pathlib.Path(sys.argv[1])
ahead, usual = fitting.compiled_ahead, Transformer.train_step
traced = []

def train_step(self, state, data):
    traced.append(data)
    return usual(self, state, data)

Transformer.train_step = train_step

def steps():
    kept = (directory / "kept").glob("*")
    return sorted(path.name for path in kept if path.name.startswith(("jit_train", "jit_test")))

@contextlib.contextmanager
def compiled_ahead(*arguments):
    global found
    with ahead(*arguments):
        found = steps()
        yield

fitting.compiled_ahead = compiled_ahead
model = tiny.new_model(dtype="mixed_bfloat16")
batches = BucketedBatches(tiny.random_pairs(40), 24, max_shapes=3)
config = tiny.CONFIG.replace(epochs=2, ema=0.9, optimizer="muon", schedule="cosine")
train_translator(model, config, batches, tiny.VALIDATION, run=Run(directory / "run"))
shapes = {*batches.shapes}, {*tiny.VALIDATION.shapes}
assert len(shapes[0]) > 1
kinds = [sum(name.startswith(kind) for name in found) for kind in ("jit_train", "jit_test")]
assert kinds[0] == len(shapes[0]), (kinds, shapes, found)
assert kinds[1] == len(shapes[1]), (kinds, shapes, found)
assert steps() == found, set(steps()) - set(found)
assert len(traced) == len(shapes[0]), len(traced)
print("none anew")
"""


def test_fit_traces_and_compiles_no_step_anew(tmp_path):
    surroundings = environment() | {
        "KERAS_BACKEND": "jax",
        "JAX_PLATFORMS": "cpu",
        "JAX_COMPILATION_CACHE_DIR": str(tmp_path / "kept"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        cwd=CHECKOUT,
        env=surroundings,
        capture_output=True,
        text=True,
    )
    assert finished.stdout.endswith("none anew\n"), finished.stderr
    assert "JAX compiles" in finished.stdout
