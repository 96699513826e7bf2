"""The skip-gram model beside a plain NumPy one."""

import keras
import numpy as np
import pytest

from tf_transformer.models import SkipGram

RNG = np.random.default_rng(0)
WORDS = np.array([3, 1, 4, 1], "int32")
CONTEXTS = np.array([5, 2, 0, 5], "int32")
NOISE = np.array([5, 0, 2, 6, 6], "int32")
INPUTS = (WORDS, CONTEXTS, NOISE)


@pytest.fixture
def model():
    model = SkipGram(vocab_size=7, width=6, negatives=3)
    model.words.assign(RNG.standard_normal((7, 6)))
    model.contexts.assign(RNG.standard_normal((7, 6)))
    return model


def plain(words, contexts, negatives, inputs=INPUTS):
    """Return the mean loss and the gradients of both tables, pair by pair, noise by noise."""
    loss, gradients = 0.0, [np.zeros_like(words), np.zeros_like(contexts)]
    pairs = list(zip(*inputs[:2], strict=True))
    for word, context in pairs:
        terms = [(context, 1, 1.0)]
        terms += [(n, -1, negatives / len(inputs[2])) for n in inputs[2] if n != context]
        for other, sign, share in terms:
            p = 1 / (1 + np.exp(-sign * words[word] @ contexts[other]))
            loss -= share * np.log(p) / len(pairs)
            slope = -share * sign * (1 - p) / len(pairs)
            gradients[0][word] += slope * contexts[other]
            gradients[1][other] += slope * words[word]
    return loss, gradients


def test_scores_are_dot_products(model):
    words, contexts = (np.array(table) for table in (model.words, model.contexts))
    scores = np.array(model(INPUTS))
    assert scores.shape == (4, 6)
    for i, (word, context) in enumerate(zip(WORDS, CONTEXTS, strict=True)):
        np.testing.assert_allclose(scores[i, 0], words[word] @ contexts[context], atol=1e-5)
        for j, noise in enumerate(NOISE):
            wanted = -1e9 if noise == context else words[word] @ contexts[noise]
            np.testing.assert_allclose(scores[i, 1 + j], wanted, atol=1e-5)


def test_a_step_of_sgd_follows_the_gradient_of_the_plain_model(model):
    tables = [np.array(table, "float64") for table in (model.words, model.contexts)]
    loss, gradients = plain(*tables, negatives=3)
    model.compile(keras.optimizers.SGD(1.0))
    assert model.train_on_batch(INPUTS) == pytest.approx(loss, rel=1e-5)
    for table, before, gradient in zip(
        (model.words, model.contexts), tables, gradients, strict=True
    ):
        np.testing.assert_allclose(np.array(table), before - gradient, atol=1e-5)


def test_a_new_model_starts_small_and_its_loss_is_that_of_a_coin():
    model = SkipGram(vocab_size=7, width=6, negatives=3)
    assert np.abs(np.array(model.words)).max() <= 0.5 / 6
    assert not np.array(model.contexts).any()
    model.compile(keras.optimizers.SGD(0.0))
    inputs = (WORDS, CONTEXTS, np.array([6, 6, 6], "int32"))  # noise that is no context
    assert model.train_on_batch(inputs) == pytest.approx((1 + 3) * np.log(2), rel=1e-6)


def test_it_learns_which_words_stand_together():
    keras.utils.set_random_seed(0)
    model = SkipGram(vocab_size=6, width=8, negatives=2)
    model.compile(keras.optimizers.Adam(0.05))
    words = np.tile(np.arange(6, dtype="int32"), 20)
    contexts = words ^ 1  # 0 with 1, 2 with 3, 4 with 5
    for _ in range(60):
        model.train_on_batch((words, contexts, np.arange(6, dtype="int32")))
    scores = np.array(model.words) @ np.array(model.contexts).T
    np.testing.assert_array_equal(scores.argmax(axis=1), np.arange(6) ^ 1)


def test_it_survives_saving_with_its_optimizer(model, tmp_path):
    model.compile(keras.optimizers.Adam(0.01))
    model.train_on_batch(INPUTS)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.get_config() == model.get_config()
    np.testing.assert_array_equal(np.array(loaded(INPUTS)), np.array(model(INPUTS)))
    assert loaded.train_on_batch(INPUTS) == pytest.approx(model.train_on_batch(INPUTS), rel=1e-6)
    np.testing.assert_allclose(np.array(loaded.words), np.array(model.words), atol=1e-6)
