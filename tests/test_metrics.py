"""Metrics are sums over all real tokens of all batches, divided by their number."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.reference import softmax
from tf_transformer.losses import SmoothedCrossEntropy
from tf_transformer.metrics import Perplexity, TokenAccuracy, TokenLoss

VOCAB = 7
RNG = np.random.default_rng(0)
# Of different shapes, with 2, 12 and 1 real tokens.
BATCHES = [
    np.array([[3, 5, 0, 0, 0]]),
    RNG.integers(1, VOCAB, (4, 3)),
    np.array([[4, 0], [0, 0], [0, 0]]),
]
LOGITS = [RNG.normal(0, 2, (*batch.shape, VOCAB)).astype("float32") for batch in BATCHES]
TOKENS = np.concatenate([batch[batch != 0] for batch in BATCHES])
AT_TOKENS = np.concatenate(
    [logits[batch != 0] for batch, logits in zip(BATCHES, LOGITS, strict=True)]
)
LOG_PROBS = np.log(softmax(AT_TOKENS.astype("float64")))
NLL = -LOG_PROBS[np.arange(len(TOKENS)), TOKENS]
SMOOTHED = 0.8 * NLL - 0.2 * LOG_PROBS.mean(axis=-1)
EXPECTED = {
    "loss": SMOOTHED.mean(),
    "perplexity": np.exp(NLL.mean()),
    "accuracy": (AT_TOKENS.argmax(axis=-1) == TOKENS).mean(),
}


def metrics():
    return [TokenLoss(0.2), Perplexity(), TokenAccuracy()]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_batches_count_by_their_tokens(order):
    assert 0 < EXPECTED["accuracy"] < 1
    for metric in metrics():
        for i in order:
            metric.update_state(BATCHES[i], LOGITS[i])
        assert float(metric.result()) == pytest.approx(EXPECTED[metric.name], rel=1e-5)


def test_a_reset_forgets():
    for metric in metrics():
        metric.update_state(BATCHES[1], LOGITS[1])
        alone = float(metric.result())
        metric.update_state(BATCHES[0], LOGITS[0])
        metric.reset_state()
        metric.update_state(BATCHES[1], LOGITS[1])
        assert float(metric.result()) == alone


def test_padding_alone_gives_no_nan():
    for metric in metrics():
        metric.update_state(np.zeros((2, 3), int), np.zeros((2, 3, VOCAB)))
        assert np.isfinite(metric.result())


def test_evaluation_reports_the_loss_per_token_in_place_of_keras_s():
    """Keras's own `loss` is a mean over batches, weighted by their rows."""
    table = np.concatenate([logits.reshape(-1, VOCAB) for logits in LOGITS])
    model = keras.Sequential([keras.layers.Embedding(len(table), VOCAB)])
    model.build((None, None))
    model.layers[0].set_weights([table])
    ids = np.split(np.arange(len(table)), [5, 17])  # an id, and logits, for each position
    inputs = [part.reshape(batch.shape) for part, batch in zip(ids, BATCHES, strict=True)]
    dataset = tf.data.Dataset.from_generator(
        lambda: zip(inputs, BATCHES, strict=True),
        output_signature=(tf.TensorSpec([None, None], tf.int32),) * 2,
    ).apply(tf.data.experimental.assert_cardinality(len(BATCHES)))
    model.compile(loss=SmoothedCrossEntropy(0.2), metrics=metrics(), run_eagerly=True)
    found = model.evaluate(dataset, verbose=0, return_dict=True)
    assert found == pytest.approx(EXPECTED, rel=1e-5)

    batch_losses = [SmoothedCrossEntropy(0.2)(*pair) for pair in zip(BATCHES, LOGITS, strict=True)]
    by_rows = np.average(batch_losses, weights=[len(batch) for batch in BATCHES])
    assert abs(found["loss"] - by_rows) > 0.01


def test_a_config_makes_the_same_metric():
    for metric in metrics():
        copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(metric))
        assert type(copy) is type(metric)
        assert copy.get_config() == metric.get_config()
