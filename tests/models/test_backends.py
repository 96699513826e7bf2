"""Layers and models need Keras alone."""

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import tf_transformer

PACKAGE = Path(tf_transformer.__file__).parent
FILES = sorted(
    path
    for pattern in ("layers/*.py", "models/*.py", "config/*.py")
    for path in PACKAGE.glob(pattern)
)
MODULES = {"config", "errors", "layers", "models"}

# Compare with the NumPy Transformer, in one call and step by step.
PROGRAM = """
import keras
import numpy as np
from tests import reference
from tests.small import MODERN
from tf_transformer.config import CausalLMConfig, ClassifierConfig, TransformerConfig
from tf_transformer.models import CausalLM, SkipGram, Transformer, TransformerClassifier

source = np.array([[5, 9, 22, 4, 7], [8, 6, 5, 0, 0]], "int32")
target = np.array([[2, 6, 7, 8], [2, 5, 9, 10]], "int32")
KINDS = [{"positions": kind} for kind in ("sinusoidal", "learned", "rotary")]
for fields in (*KINDS, MODERN):
    config = TransformerConfig(
        23, 23, num_layers=2, d_model=16, num_heads=4, d_ff=24, max_length=9, **fields
    )
    model = reference.randomize(Transformer(config))
    expected = reference.transformer(reference.weights_of(model), config, source, target)
    logits = keras.ops.convert_to_numpy(model((source, target)))
    np.testing.assert_allclose(logits, expected, atol=1e-5)

    memory, cache = model.read(source), model.empty_cache(2, 6)
    for t in range(4):
        token_ids, positions, mask = target[:, t : t + 1], np.full((2, 1), t), np.arange(6) <= t
        step, cache = model.decode(token_ids, memory, cache.at(t, positions), mask)
        step = keras.ops.convert_to_numpy(step)
        np.testing.assert_allclose(step[:, 0], logits[:, t], atol=1e-5)

config = CausalLMConfig(  # rotary positions
    23, num_layers=2, d_model=16, num_heads=4, d_ff=24, max_length=9, activation="relu2"
)
model = reference.randomize(CausalLM(config))
expected = reference.causal_lm(reference.weights_of(model), config, source)
logits = keras.ops.convert_to_numpy(model(source))
np.testing.assert_allclose(logits, expected, atol=1e-5)
cache = model.empty_cache(2, 3).at(0, np.zeros((2, 1)))
step, _ = model.decode(source[:, 2:3], model.read(source[:, :2]), cache, np.arange(3) < 1)
step = keras.ops.convert_to_numpy(step)
np.testing.assert_allclose(step[:, 0], logits[:, 2], atol=1e-5)

config = ClassifierConfig(23, num_classes=3, d_model=16, num_heads=4, d_ff=24, max_length=9)
model = reference.randomize(TransformerClassifier(config))
expected = reference.classifier(reference.weights_of(model), config, source)
np.testing.assert_allclose(keras.ops.convert_to_numpy(model(source)), expected, atol=1e-5)

# Training reaches every dropout, through models that do not hand it on.
ids = keras.Input((None,), dtype="int32")
for rate in ("dropout", "attention_dropout", "feed_forward_dropout"):
    model = Transformer(TransformerConfig(
        23, 23, num_layers=1, d_model=16, num_heads=4, d_ff=24, **{"dropout": 0.0, rate: 0.5}
    ))
    logits = keras.ops.convert_to_numpy(model((source, target)))
    in_training = keras.ops.convert_to_numpy(model((source, target), training=True))
    assert np.abs(in_training - logits).max() > 1e-3, rate
    functional = keras.Model([ids], model((ids, ids)))
    still, moved = (
        keras.ops.convert_to_numpy(functional(source, training=training))
        for training in (False, True)
    )
    assert np.abs(moved - still).max() > 1e-3, rate

model = SkipGram(vocab_size=6, width=4)
model.compile("adam")
words = np.arange(6, dtype="int32")
losses = [float(model.train_on_batch((words, words ^ 1, words[:3]))) for _ in range(3)]
assert losses[0] > losses[1] > losses[2], losses
print("same on", keras.backend.backend())
"""


def imported_modules(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_layers_and_models_import_keras_and_numpy_alone(path):
    allowed = {"keras", "numpy", "tf_transformer", *sys.stdlib_module_names}
    for module in imported_modules(path):
        assert module.split(".")[0] in allowed
        assert not module.startswith("keras.src")
        if module.startswith("tf_transformer."):
            assert module.split(".")[1] in MODULES


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_same_numbers_on_other_backends(backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.stdout.strip() == f"same on {backend}", run.stderr
