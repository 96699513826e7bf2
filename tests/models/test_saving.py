"""A saved Transformer is the same Transformer."""

import keras
import numpy as np
import pytest

from tests import reference
from tests.small import SMALL
from tf_transformer.config import TransformerConfig
from tf_transformer.models import Transformer

RNG = np.random.default_rng(0)
INPUTS = (RNG.integers(1, 23, (8, 6)), RNG.integers(1, 23, (8, 5)))
LABELS = RNG.integers(1, 23, (8, 5))

pytestmark = [
    pytest.mark.filterwarnings("error"),
    pytest.mark.filterwarnings("ignore:__array__ implementation"),
]


def transformer(dtype="float32", **options):
    config = TransformerConfig(
        source_vocab_size=23,
        target_vocab_size=23,
        **SMALL,
        dropout=0.0,
        max_length=9,
        **options,
    )
    return reference.randomize(Transformer(config, dtype=dtype))


def arrays(weights):
    return [keras.ops.convert_to_numpy(w) for w in weights]


def assert_same(ours, theirs):
    for a, b in zip(arrays(ours), arrays(theirs), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("tie", "dtype"), [("none", "float32"), ("target", "mixed_bfloat16"), ("all", "float32")]
)
def test_a_loaded_model_gives_the_same_logits(tie, dtype, tmp_path):
    model = transformer(dtype, tie=tie, positions="learned", norm="post", activation="gelu")
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.config == model.config
    assert loaded.dtype_policy.name == dtype
    assert [w.path for w in loaded.weights] == [w.path for w in model.weights]
    np.testing.assert_array_equal(loaded(INPUTS), model(INPUTS))


def test_weights_alone_are_loaded_into_a_new_model(tmp_path):
    model = transformer()
    model.save_weights(tmp_path / "model.weights.h5")
    other = Transformer(model.config)
    other.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(other(INPUTS), model(INPUTS))


def test_a_loaded_model_trains_on_as_if_never_saved(tmp_path):
    model = transformer()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, run_eagerly=True)
    first_loss = model.train_on_batch(INPUTS, LABELS)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.optimizer.iterations == 1
    assert_same(loaded.optimizer.variables, model.optimizer.variables)

    losses = [m.train_on_batch(INPUTS, LABELS) for m in (model, loaded)]
    assert losses[0] == losses[1] < first_loss
    assert_same(loaded.weights, model.weights)
    assert_same(loaded.optimizer.variables, model.optimizer.variables)


def test_a_config_makes_the_same_model():
    config = transformer(tie="target", positions="rotary").get_config()
    assert Transformer.from_config(config).get_config() == config


def test_a_dictionary_is_as_good_as_a_config():
    model = transformer()
    assert Transformer(model.config.to_dict()).config == model.config
