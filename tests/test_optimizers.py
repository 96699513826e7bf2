"""The optimizers are Keras's, save for what they tell and what they average."""

import keras
import numpy as np
import pytest

from tf_transformer.optimizers import Adam, AveragedAdam, AveragedMuon, Muon
from tf_transformer.training import load_model

DATA = np.random.default_rng(0).normal(size=(2, 8, 3)).astype("float32")
OPTIMIZERS = [Adam, Muon, AveragedAdam, AveragedMuon]


class Observer:
    """Keeps the gradients that it is told of."""

    def __init__(self):
        self.seen = []

    def observe(self, gradients):
        self.seen.append([np.array(keras.ops.convert_to_tensor(each)) for each in gradients])


def dense(optimizer):
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.layers.Dense(3)])
    model.build((None, 3))
    model.compile(optimizer, "mse", run_eagerly=True)
    return model


def deep(optimizer):
    """Return a model with matrices that are tall, wide and square, two of each."""
    keras.utils.set_random_seed(3)
    widths = [6, 12, 6, 6, 12, 6, 6, 3]
    model = keras.Sequential([keras.layers.Dense(width) for width in widths])
    model.build((None, 3))
    model.compile(optimizer, "mse")
    return model


def make(optimizer, **options):
    averaged = {"decay": 0.9} if optimizer in (AveragedAdam, AveragedMuon) else {}
    return optimizer(0.1, **averaged, **options)


@pytest.mark.parametrize(("ours", "keras_class"), [(Adam, "Adam"), (Muon, "Muon")])
def test_a_step_and_the_state_are_those_of_keras(ours, keras_class):
    models = [deep(make(ours)), deep(getattr(keras.optimizers, keras_class)(0.1))]
    for model in models:
        for _ in range(3):
            model.train_on_batch(*DATA)
    states = [model.variables + model.optimizer.variables for model in models]
    for a, b in zip(*states, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", [(8, 8), (8, 24), (24, 8)])
def test_muon_in_bfloat16_moves_a_matrix_much_the_same_way(shape):
    gradient = np.random.default_rng(0).normal(size=shape).astype("float32")
    moved = []
    for products in ("float32", "bfloat16"):
        matrix = keras.Variable(np.zeros(shape, "float32"))
        make(Muon, products=products).apply([gradient], [matrix])
        moved.append(np.array(matrix))
    exact, rough = (matrix / np.linalg.norm(matrix) for matrix in moved)
    assert 0.99 < np.sum(exact * rough) < 1 - 1e-6  # the cosine between them


def test_muon_computes_as_layers_do():
    assert make(Muon).products == "float32"
    try:
        keras.config.set_dtype_policy("mixed_bfloat16")
        optimizer = make(Muon)
    finally:
        keras.config.set_dtype_policy("float32")
    assert optimizer.products == "bfloat16"
    assert Muon.from_config(optimizer.get_config()).products == "bfloat16"


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_observer_sees_gradients_before_clipping_and_is_no_part_of_the_state(optimizer):
    model, watched = (dense(make(optimizer, global_clipnorm=1e-3)) for _ in range(2))
    watched.optimizer.observer = Observer()
    for each in (model, watched):
        each.train_on_batch(*DATA)
    (gradients,) = watched.optimizer.observer.seen
    assert np.sqrt(sum(np.sum(np.square(gradient)) for gradient in gradients)) > 0.1
    variables = model.optimizer.variables, watched.optimizer.variables
    for a, b in zip(*variables, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_saved_model_has_its_optimizer_by_its_name_and_with_its_state(optimizer, tmp_path):
    model = dense(make(optimizer))
    model.optimizer.observer = Observer()
    model.train_on_batch(*DATA)
    model.save(tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    assert type(loaded.optimizer) is optimizer
    assert keras.saving.get_registered_name(optimizer) == f"tf_transformer>{optimizer.__name__}"
    assert loaded.optimizer.get_config() == model.optimizer.get_config()
    for a, b in zip(loaded.optimizer.variables, model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(a, b)
    for each in (loaded, model):
        each.train_on_batch(*DATA)
    for a, b in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
