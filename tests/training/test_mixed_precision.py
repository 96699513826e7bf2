"""Mixed precision learns as float32 does, step by step."""

import keras
import numpy as np
import pytest

from tf_transformer.config import TransformerConfig, TranslatorTraining
from tf_transformer.models import Transformer
from tf_transformer.training import compile_model

STEPS = 60
VOCAB = 16


def copy_task():
    """Yield batches of one token said over and over, in source and target."""
    rng = np.random.default_rng(0)
    for _ in range(STEPS):
        ids = np.repeat(rng.integers(4, VOCAB, (16, 1)).astype("int32"), 5, axis=1)
        starts = np.full((16, 1), 2, "int32")
        yield (ids, np.concatenate([starts, ids[:, :-1]], axis=1)), ids


def loss_curve(precision):
    """Return the loss of each batch, in a short training."""
    keras.utils.set_random_seed(1)
    config = TransformerConfig(
        source_vocab_size=VOCAB,
        target_vocab_size=VOCAB,
        num_layers=1,
        d_model=32,
        num_heads=2,
        d_ff=64,
        dropout=0.0,
        max_length=8,
    )
    model = Transformer(config, dtype=precision)
    training = TranslatorTraining(learning_rate=0.003, warmup_steps=20, label_smoothing=0.0)
    compile_model(model, training, STEPS)
    model.optimizer.build(model.trainable_variables)  # else a step is traced twice
    losses = []
    for inputs, targets in copy_task():
        losses.append(model.train_on_batch(inputs, targets, return_dict=True)["loss"])
        model.reset_metrics()
    return np.array(losses)


@pytest.fixture(scope="module")
def float32():
    return loss_curve("float32")


def test_float32_learns_the_task(float32):
    assert float32[-1] < 0.2 * float32[0]


@pytest.mark.parametrize(
    "precision", ["mixed_bfloat16", pytest.param("mixed_float16", marks=pytest.mark.long)]
)
def test_the_loss_curve_is_that_of_float32_within_noise(precision, float32):
    curve = loss_curve(precision)
    assert not np.array_equal(curve, float32)
    np.testing.assert_allclose(curve, float32, atol=0.02)
