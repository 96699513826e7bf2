"""The loss is the cross-entropy to smoothed targets, per real token."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.reference import softmax
from tf_transformer.losses import SmoothedCrossEntropy

VOCAB = 7
TARGETS = np.array([[4, 6, 3, 0], [5, 3, 0, 0], [1, 2, 4, 3]])
LOGITS = np.random.default_rng(0).normal(0, 2, (3, 4, VOCAB)).astype("float32")
NUM_TOKENS = 9

every_smoothing = pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.6])


def smoothed_targets(smoothing):
    return (1 - smoothing) * np.eye(VOCAB)[TARGETS] + smoothing / VOCAB


@every_smoothing
def test_the_loss_equals_an_explicit_cross_entropy(smoothing):
    losses = -np.sum(smoothed_targets(smoothing) * np.log(softmax(LOGITS)), axis=-1)
    expected = losses[TARGETS != 0].sum() / NUM_TOKENS
    loss = SmoothedCrossEntropy(smoothing)(TARGETS, LOGITS)
    assert float(loss) == pytest.approx(expected, rel=1e-5)


@every_smoothing
def test_the_gradient_is_softmax_less_target_over_the_number_of_tokens(smoothing):
    logits = tf.constant(LOGITS)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = SmoothedCrossEntropy(smoothing)(TARGETS, logits)
    expected = (softmax(LOGITS) - smoothed_targets(smoothing)) / NUM_TOKENS
    expected[TARGETS == 0] = 0
    np.testing.assert_allclose(tape.gradient(loss, logits), expected, atol=1e-6)


def test_uniform_logits_cost_the_logarithm_of_the_vocabulary():
    loss = SmoothedCrossEntropy(0.3)(TARGETS, np.ones_like(LOGITS))
    assert float(loss) == pytest.approx(np.log(VOCAB), rel=1e-6)


def test_what_is_predicted_at_padding_changes_nothing():
    changed = np.where((TARGETS == 0)[..., None], 1e4, LOGITS)
    assert SmoothedCrossEntropy()(TARGETS, changed) == SmoothedCrossEntropy()(TARGETS, LOGITS)


def test_more_padding_changes_nothing():
    targets = np.pad(TARGETS, ((0, 2), (0, 3)))
    logits = np.pad(LOGITS, ((0, 2), (0, 3), (0, 0)), constant_values=5)
    loss = SmoothedCrossEntropy()(targets, logits)
    assert float(loss) == pytest.approx(float(SmoothedCrossEntropy()(TARGETS, LOGITS)), rel=1e-6)


def test_padding_alone_costs_nothing_and_moves_nothing():
    logits = tf.constant(LOGITS)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = SmoothedCrossEntropy()(np.zeros_like(TARGETS), logits)
    assert loss == 0
    assert not np.array(tape.gradient(loss, logits)).any()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_logits_of_low_precision_are_summed_in_float32(dtype):
    logits = tf.cast(100 * LOGITS, dtype)
    loss = SmoothedCrossEntropy()(TARGETS, logits)
    exact = SmoothedCrossEntropy()(TARGETS, tf.cast(logits, tf.float32))
    assert loss.dtype == tf.float32
    assert loss == exact


def test_a_config_makes_the_same_loss():
    loss = SmoothedCrossEntropy(0.25, name="mine")
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert (copy.smoothing, copy.name, copy.reduction) == (0.25, "mine", "sum")
    assert copy(TARGETS, LOGITS) == loss(TARGETS, LOGITS)
