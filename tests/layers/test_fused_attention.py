"""Attention in Keras's one operation is attention as the layer computes it."""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

from tests.first_run import CHECKOUT, environment
from tf_transformer.errors import UserError
from tf_transformer.layers import MultiHeadAttention, causal_mask
from tf_transformer.layers.fused_attention import fused_attention, may_fuse

QUERY, KEYS, VALUES = np.random.default_rng(0).standard_normal((3, 2, 4, 6, 8)).astype("float32")

# Outputs and gradients with flash attention, where a device has it, and without.
PROGRAM = """
import jax
import keras
import numpy as np
from tests import reference
from tf_transformer.layers import MultiHeadAttention, causal_mask

query = keras.random.normal((2, 6, 32), seed=2)
longer = keras.random.normal((2, 7, 32), seed=3)  # an odd length
padding = np.array([[1, 1, 1, 1, 0, 0, 0], [0] * 7], bool)[:, None, None]  # a row of nothing
by_head = np.random.default_rng(0).random((1, 4, 6, 6)) < 0.7
causal = np.array(causal_mask(6))
calls = [(None, None), (causal, None), (causal[0, 0], None), (by_head, None), (padding, longer)]

fused, usual = [], keras.ops.dot_product_attention

def counted(*arguments, **options):
    fused.append(arguments)
    return usual(*arguments, **options)

keras.ops.dot_product_attention = counted

def attended(layer, mask, memory, **options):
    def loss(query):
        output = layer(query, memory, attention_mask=mask, **options)
        output = output[0] if options.get("return_weights") else output
        return keras.ops.sum(keras.ops.sin(keras.ops.cast(output, "float32"))), output

    fused.clear()
    (_, output), gradient = jax.jit(jax.value_and_grad(loss, has_aux=True))(query)
    output = output[0] if options.get("return_weights") else output
    found = (np.array(keras.ops.cast(each, "float32")) for each in (output, gradient))
    return *found, bool(fused)

for dtype, tolerance in (("float32", 1e-5), ("mixed_bfloat16", 3e-2)):
    for options in ({}, {"num_kv_heads": 2, "rotary": True, "qk_norm": True}):
        layer = MultiHeadAttention(32, 4, dtype=dtype, **options)
        layer.build((None, None, 32))
        reference.randomize(layer)
        for mask, memory in calls:
            *found, fuses = attended(layer, mask, memory)
            assert fuses
            assert not attended(layer, mask, memory, return_weights=True)[-1]
            keras.config.disable_flash_attention()
            *expected, fuses = attended(layer, mask, memory)
            assert not fuses
            keras.config.enable_flash_attention()
            rows = 1 if mask is padding else 2  # no gradient counts of what attends to nothing
            found[1], expected[1] = found[1][:rows], expected[1][:rows]
            for ours, theirs in zip(found, expected, strict=True):
                np.testing.assert_allclose(ours, theirs, atol=tolerance * np.abs(theirs).max())

layer = MultiHeadAttention(32, 4, dropout=0.1)
layer.build((None, None, 32))
assert not attended(layer, None, None)[-1]
print("the same")
"""


@pytest.mark.skipif(not importlib.util.find_spec("jax"), reason="needs jax")
def test_on_jax_outputs_and_gradients_are_the_same():
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=CHECKOUT,
        env=environment() | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
    )
    assert finished.stdout == "the same\n", finished.stderr


@pytest.mark.parametrize("mask", [None, np.array(causal_mask(6)), np.eye(6, dtype=bool)])
def test_it_is_the_softmax_of_the_products(mask):
    scores = QUERY @ KEYS.swapaxes(-1, -2) / 8**0.5
    scores = scores if mask is None else np.where(mask, scores, -1e9)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    expected = weights / weights.sum(axis=-1, keepdims=True) @ VALUES
    np.testing.assert_allclose(fused_attention(QUERY, KEYS, VALUES, mask), expected, atol=1e-5)


def test_a_mask_that_does_not_fit_is_refused():
    with pytest.raises(UserError, match=r"attention_mask of the shape \(5, 6\)"):
        fused_attention(QUERY, KEYS, VALUES, np.ones((5, 6), bool))


def test_with_tensorflow_attention_stays_what_it_is(monkeypatch):
    assert not may_fuse()
    monkeypatch.setattr("keras.ops.dot_product_attention", None)
    x = np.ones((1, 3, 16), "float32")
    assert MultiHeadAttention(16, 4)(x).shape == (1, 3, 16)
