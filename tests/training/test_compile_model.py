"""Adam and Muon move what they should; gathered gradients are those of one larger batch."""

import keras
import numpy as np
import pytest

from tests.training.tiny_run import BATCHES, CONFIG, STEPS, new_model, state
from tf_transformer.models import Transformer, TransformerClassifier
from tf_transformer.training import compile_model
from tf_transformer.training.compile_model import make_optimizer, optimizer_for

CALM = CONFIG.replace(epochs=30)  # at the first step the rate is a fifth of the peak


def compiled(config, **fields):
    """Return a new model without dropout, compiled; the same weights each time."""
    model = new_model()
    fields |= {"dropout": 0.0, "attention_dropout": 0.0}
    model = Transformer(model.config.replace(**fields))
    for weight in model.trainable_weights:
        name = weight.path.split("/", 1)[1]  # without the model's own, which counts models
        rng = np.random.default_rng([len(name), *map(ord, name)])
        weight.assign(rng.normal(scale=0.25, size=weight.shape))
    compile_model(model, config, STEPS)
    model.run_eagerly = True
    return model


def batches(count):
    return [batch for batch, _ in zip(BATCHES.dataset(), range(count), strict=False)]


def train_on(model, *some):
    for inputs, targets in some:
        model.train_on_batch(inputs, targets)
    return [np.array(weight) for weight in model.trainable_weights]


def changes(config, **fields):
    """Return how the first step moves each weight: `{path: difference}`."""
    model = compiled(config, **fields)
    before = [np.array(weight) for weight in model.trainable_weights]
    after = train_on(model, *batches(1))
    paths = [weight.path.split("/", 1)[1] for weight in model.trainable_weights]
    return {path: b - a for path, a, b in zip(paths, before, after, strict=True)}


@pytest.mark.parametrize(
    "fields",
    [{}, {"tie": "none", "positions": "learned"}, {"activation": "swiglu", "qk_norm": True}],
    ids=str,
)
def test_muon_moves_the_matrices_of_the_stacks_and_adam_all_else(fields):
    adam, muon = (changes(CALM.replace(optimizer=name), **fields) for name in ("adam", "muon"))
    rate = CALM.learning_rate / CALM.warmup_steps
    for path, change in muon.items():
        in_stacks = path.startswith(("encoder/", "decoder/"))
        if in_stacks and change.ndim == 2:
            # As far in each direction that has a gradient, such that in all together the elements
            # change by 0.2 of the rate, as Adam's do when it has settled.
            farthest = np.linalg.norm(change, 2) / max(change.shape) ** 0.5
            assert 0.1 * rate < farthest < 0.3 * rate, path
        else:
            np.testing.assert_allclose(change, adam[path], rtol=1e-3, atol=1e-7, err_msg=path)


@pytest.mark.parametrize(
    ("precision", "products"),
    [("float32", "float32"), ("mixed_bfloat16", "bfloat16"), ("mixed_float16", "float32")],
)
def test_muon_multiplies_in_bfloat16_where_the_model_does(precision, products):
    config = CONFIG.replace(optimizer="muon", precision=precision)
    assert make_optimizer(config, 16, STEPS).products == products


@pytest.mark.parametrize("optimizer", ["adam", "muon"])
def test_without_a_gradient_no_weight_decays(optimizer):
    model = compiled(CALM.replace(optimizer=optimizer))
    before = [np.array(weight) for weight in model.trainable_weights]
    model.optimizer.apply([np.zeros(w.shape, "float32") for w in before], model.trainable_weights)
    for weight, value in zip(model.trainable_weights, before, strict=True):
        np.testing.assert_array_equal(weight, value)


@pytest.mark.parametrize("optimizer", ["adam", "muon"])
@pytest.mark.parametrize("ema", [0.0, 0.9])
def test_only_the_matrices_of_the_stacks_decay(optimizer, ema):
    config = CALM.replace(optimizer=optimizer, weight_decay=2.0, ema=ema)
    model = compiled(config, tie="none", positions="learned")
    before = [np.array(weight) for weight in model.trainable_weights]
    model.optimizer.apply([np.zeros(w.shape, "float32") for w in before], model.trainable_weights)
    rate = CALM.learning_rate / CALM.warmup_steps
    for weight, value in zip(model.trainable_weights, before, strict=True):
        decays = weight.path.split("/")[1] in ("encoder", "decoder") and value.ndim == 2
        expected = value * (1 - 2.0 * rate) if decays else value
        np.testing.assert_allclose(weight, expected, rtol=1e-6, err_msg=weight.path)


@pytest.mark.parametrize("optimizer", ["adam", "muon"])
def test_of_a_classifier_only_the_matrices_of_the_stack_decay(optimizer):
    model = TransformerClassifier.from_preset("tiny", vocab_size=30, d_model=16, d_ff=32)
    config = CALM.replace(optimizer=optimizer, weight_decay=2.0)
    applied = optimizer_for(model, config, STEPS)
    before = [np.array(weight) for weight in model.trainable_weights]
    applied.apply([np.zeros(w.shape, "float32") for w in before], model.trainable_weights)
    rate = CALM.learning_rate / CALM.warmup_steps
    for weight, value in zip(model.trainable_weights, before, strict=True):
        decays = weight.path.split("/")[1] == "encoder" and value.ndim == 2
        expected = value * (1 - 2.0 * rate) if decays else value
        np.testing.assert_allclose(weight, expected, rtol=1e-6, err_msg=weight.path)


def doubled_batch():
    """Return a batch, and the two halves that it consists of, with as many tokens in each."""
    (sources, targets_in), targets_out = (
        np.array(x) if not isinstance(x, tuple) else tuple(map(np.array, x)) for x in batches(1)[0]
    )
    halves = []
    for shift in (0, 1):  # other tokens in the same places
        moved = [
            np.where(x > 3, 4 + (x + shift) % 15, x) for x in (sources, targets_in, targets_out)
        ]
        halves.append(((moved[0], moved[1]), moved[2]))
    (a, b) = halves
    join = np.concatenate
    whole = (join([a[0][0], b[0][0]]), join([a[0][1], b[0][1]])), join([a[1], b[1]])
    return whole, halves


@pytest.mark.parametrize(
    ("options", "tie"),
    [
        ({"clip_norm": 0.01}, "all"),
        ({"optimizer": "muon"}, "none"),
        pytest.param({}, "all", marks=pytest.mark.long),
        pytest.param({}, "none", marks=pytest.mark.long),
        pytest.param({"clip_norm": 0.01}, "none", marks=pytest.mark.long),
        pytest.param({"optimizer": "muon"}, "all", marks=pytest.mark.long),
    ],
    ids=str,
)
def test_two_batches_gathered_are_a_step_of_one_doubled_batch(options, tie):
    config = CALM.replace(**options)
    whole, halves = doubled_batch()
    expected = train_on(compiled(config, tie=tie), whole)
    model = compiled(config.replace(accumulate=2), tie=tie)
    before = [np.array(weight) for weight in model.trainable_weights]
    first, second = halves
    for weight, value in zip(train_on(model, first), before, strict=True):
        np.testing.assert_array_equal(weight, value)
    for weight, value in zip(train_on(model, second), expected, strict=True):
        np.testing.assert_allclose(weight, value, atol=2e-5)
    assert model.optimizer.iterations == 1


@pytest.mark.parametrize("schedule", ["noam", "cosine"])
def test_warm_up_counts_steps_of_the_optimizer(schedule):
    config = CONFIG.replace(schedule=schedule, epochs=8)
    single = compiled(config).optimizer
    gathering = compiled(config.replace(accumulate=4, epochs=32)).optimizer
    for step in (0, 3, 4, 5, 8 * STEPS - 1):
        single.variables[0].assign(step)
        gathering.variables[0].assign(4 * step + 3)  # when the fourth batch of the step has come
        assert int(gathering.iterations) == step
        rates = [float(optimizer.learning_rate) for optimizer in (single, gathering)]
        assert rates[0] == pytest.approx(rates[1], abs=1e-9)


def test_gradients_are_gathered_across_the_end_of_an_epoch():
    """An epoch of four batches, three to a step, leaves one for the next."""
    rng = np.random.default_rng(0)
    xs, ys = rng.normal(size=(2, 4, 8, 3))  # (batches, rows, values)
    epochs, stream = gathering_dense(), gathering_dense()
    for _ in range(2):
        epochs.fit(xs.reshape(32, 3), ys.reshape(32, 3), batch_size=8, shuffle=False, verbose=0)
    for batch in [*range(4), *range(4)]:
        stream.train_on_batch(xs[batch], ys[batch])
    assert epochs.optimizer.iterations == 2
    for a, b in zip(state(epochs), state(stream), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def gathering_dense():
    model = keras.Sequential([keras.layers.Dense(3, kernel_initializer="ones")])
    model.build((None, 3))
    model.compile(make_optimizer(CALM.replace(accumulate=3), 3, 4), "mse", run_eagerly=True)
    return model
