"""What is logged of a model that is trained by `fit`, whatever its optimizer."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tf_transformer.optimizers import Adam
from tf_transformer.tensorboard import TensorBoardLog
from tf_transformer.training.throughput import Throughput

DATA = np.random.default_rng(0).normal(size=(2, 16, 3)).astype("float32")


@pytest.mark.parametrize("optimizer", [Adam, keras.optimizers.SGD])
def test_the_gradient_norm_is_logged_where_the_optimizer_shows_it(optimizer, tmp_path):
    model = keras.Sequential([keras.layers.Dense(3)])
    model.build((None, 3))
    model.compile(optimizer(0.1), "mse")
    log = TensorBoardLog(
        tmp_path,
        padding=0.25,
        steps_per_epoch=4,
        inputs=tf.TensorSpec([None, 3], tf.float32),
        steps_between=2,
    )
    model.fit(*DATA, batch_size=4, verbose=0, callbacks=[Throughput(4), log])
    accumulator = EventAccumulator(str(tmp_path / "train"), {"tensors": 0})
    accumulator.Reload()
    tags = set(accumulator.Tags()["tensors"])
    assert {"loss", "learning_rate", "padding", "tokens_per_second"} <= tags
    assert ("gradient_norm" in tags) == (optimizer is Adam)
