import keras
import numpy as np
import pytest

from tests import reference
from tf_transformer.layers import PositionalEmbedding, rotate, sinusoids

IDS = np.array([[5, 3, 3, 9, 0], [1, 2, 4, 8, 10]])


def embedding(positions="sinusoidal", **kwargs):
    layer = PositionalEmbedding(11, 16, positions, max_length=12, **kwargs)
    layer.build((None, None))
    return reference.randomize(layer)


def test_sinusoids_follow_the_paper():
    np.testing.assert_allclose(
        sinusoids(np.arange(60), 16), reference.positional_encoding(60, 16), atol=1e-5
    )


def test_rotation_follows_its_paper():
    x = np.random.default_rng(0).standard_normal((2, 3, 7, 8)).astype("float32")
    np.testing.assert_allclose(rotate(x, 4 + np.arange(7)), reference.rotate(x, 4), atol=1e-5)


def test_rotation_keeps_lengths():
    x = np.random.default_rng(0).standard_normal((2, 3, 7, 8)).astype("float32")
    rotated = np.array(rotate(x, np.arange(7)))
    np.testing.assert_allclose(
        np.linalg.norm(rotated, axis=-1), np.linalg.norm(x, axis=-1), rtol=1e-5
    )


def test_rotated_products_depend_on_distances_alone():
    x, y = np.random.default_rng(0).standard_normal((2, 1, 1, 7, 8)).astype("float32")

    def products(start):
        positions = start + np.arange(7)
        return np.einsum("bhqd,bhkd->bhqk", rotate(x, positions), rotate(y, positions))

    np.testing.assert_allclose(products(0), products(25), atol=1e-4)
    one_later = np.einsum("bhqd,bhkd->bhqk", rotate(x, np.arange(7)), rotate(y, 1 + np.arange(7)))
    assert np.abs(one_later - products(0)).max() > 0.1


@pytest.mark.parametrize("positions", ["sinusoidal", "learned", "rotary"])
def test_embedding_equals_the_reference(positions):
    layer = embedding(positions)
    expected = reference.embed(reference.weights_of(layer), IDS, positions)
    np.testing.assert_allclose(layer(IDS), expected, atol=1e-5)


@pytest.mark.parametrize("positions", ["sinusoidal", "learned", "rotary"])
def test_start_continues_a_sequence(positions):
    layer = embedding(positions)
    np.testing.assert_allclose(
        layer(IDS[:, 2:], 2 + np.arange(IDS.shape[1] - 2)), layer(IDS)[:, 2:], atol=1e-5
    )


def test_inputs_longer_than_the_learned_positions_are_refused():
    with pytest.raises(ValueError, match="13 positions are more than the 12 learned ones"):
        embedding("learned")(np.ones((1, 13), int))
    for positions in ("sinusoidal", "rotary"):
        assert embedding(positions)(np.ones((1, 13), int)).shape == (1, 13, 16)


def test_reverse_projects_to_logits_with_the_same_table():
    layer = embedding()
    x = np.random.default_rng(0).standard_normal((2, 5, 16)).astype("float32")
    expected = x.astype("float64") @ reference.weights_of(layer)["table"].T
    np.testing.assert_allclose(layer(x, reverse=True), expected, atol=1e-5)


def test_embedding_and_logits_share_one_weight_in_a_functional_model():
    layer = PositionalEmbedding(11, 16)
    ids = keras.Input((None,), dtype="int32")
    logits = layer(layer(ids), reverse=True)
    assert logits.shape == (None, None, 11)
    model = keras.Model(ids, logits)
    assert [tuple(w.shape) for w in model.trainable_weights] == [(11, 16)]
    assert model(IDS).shape == (2, 5, 11)


def test_sinusoids_are_exact_under_mixed_precision():
    # In float16 itself, position 1,999 and 2,000 would already be closer than its angle's error.
    layer = PositionalEmbedding(11, 16, dtype="mixed_float16")
    ids = np.full((1, 2000), 3)
    waves = np.array(layer(ids) - layer(ids[:, :1]), "float32")
    expected = reference.positional_encoding(2000, 16)
    np.testing.assert_allclose(waves[0], expected - expected[0], atol=2e-2)
