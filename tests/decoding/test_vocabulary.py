"""The best tokens are found as a full sort finds them."""

import numpy as np
import pytest
import tensorflow as tf

from tf_transformer.decoding.vocabulary import best_token, top_tokens

RNG = np.random.default_rng(0)
# Few distinct values: many ties, within blocks and between them.
LOGITS = {
    "random": RNG.normal(size=(5, 1000)).astype("float32"),
    "ties": RNG.integers(0, 4, (5, 333)).astype("float32"),
    "all equal": np.zeros((3, 97), "float32"),
    "smaller than a block": RNG.normal(size=(4, 6)).astype("float32"),
    "minus infinity": np.where(RNG.random((4, 70)) < 0.9, -np.inf, 0).astype("float32"),
}
every_kind_of_logits = pytest.mark.parametrize("logits", LOGITS.values(), ids=LOGITS)


@every_kind_of_logits
@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize("k", [1, 2, 6])
def test_top_tokens_are_those_of_top_k_ties_in_order(logits, k, jit_compile):
    found = tf.function(lambda x: top_tokens(x, k), jit_compile=jit_compile)(logits)
    expected = tf.math.top_k(logits, k)
    np.testing.assert_array_equal(found[1], expected.indices)
    np.testing.assert_array_equal(found[0], expected.values)


@every_kind_of_logits
@pytest.mark.parametrize("jit_compile", [False, True])
def test_the_best_token_is_the_first_maximum(logits, jit_compile):
    found = tf.function(best_token, jit_compile=jit_compile)(logits)
    np.testing.assert_array_equal(found, np.argmax(logits, axis=-1))
