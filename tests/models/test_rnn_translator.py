"""The recurrent translator computes what it says, and serves wherever the Transformer does."""

import functools
import importlib.util
import re
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests import reference, rnn_reference
from tests.first_run import CHECKOUT, environment
from tests.models.test_transformer import REAL, SOURCE, TARGET, decode_all, pad
from tf_transformer.config import RNNConfig, TranslatorTraining
from tf_transformer.decoding import BeamSearch, GreedySearch
from tf_transformer.errors import UserError
from tf_transformer.export import export_ctranslate2
from tf_transformer.models import RNNTranslator
from tf_transformer.training import Run, load_model

CONFIG = RNNConfig(23, 23, num_layers=1, d_model=16, dropout=0.1, max_length=12)
every_choice = pytest.mark.parametrize(
    ("cell", "attention", "tie", "num_layers"),
    [
        ("gru", "additive", "all", 2),
        ("gru", "multiplicative", "none", 1),
        ("lstm", "additive", "target", 1),
        ("lstm", "multiplicative", "all", 2),
    ],
)


def make(dtype="float32", **options):
    return reference.randomize(RNNTranslator(CONFIG.replace(**options), dtype=dtype))


translator = functools.cache(make)  # for the tests that leave the weights alone


@every_choice
def test_logits_and_attention_equal_the_reference(cell, attention, tie, num_layers):
    model = translator(cell=cell, attention=attention, tie=tie, num_layers=num_layers)
    logits = np.array(model((SOURCE, TARGET)))
    weights = np.array(model.attention_weights(SOURCE, TARGET)["cross"])
    assert weights.shape == (3, 1, 1, 5, 6)
    w = reference.weights_of(model)
    for row, (source, target) in enumerate(zip(SOURCE, TARGET, strict=True)):
        source, target = source[source != 0], target[target != 0]
        expected, seen = rnn_reference.translate(w, model.config, source, target)
        assert np.std(expected) > 0.3
        np.testing.assert_allclose(logits[row, : len(target)], expected, atol=1e-5)
        found = weights[row, 0, 0, : len(target)]
        np.testing.assert_allclose(found[:, : len(source)], seen, atol=1e-5)
        assert not found[:, len(source) :].any()


@every_choice
def test_padding_and_company_change_nothing_at_real_positions(cell, attention, tie, num_layers):
    model = translator(cell=cell, attention=attention, tie=tie, num_layers=num_layers)
    logits = np.array(model((SOURCE, TARGET)))[REAL]
    padded = model((pad(SOURCE, 5), pad(TARGET, 4)))[:, :5][REAL]
    np.testing.assert_allclose(padded, logits, atol=1e-5)
    swapped = model((SOURCE[::-1], TARGET[::-1]))[::-1][REAL]
    np.testing.assert_allclose(swapped, logits, atol=1e-5)


def test_future_tokens_do_not_change_past_logits():
    model = translator()
    before = np.array(model((SOURCE, TARGET)))
    changed = TARGET.copy()
    changed[:, 3:] = 17
    after = np.array(model((SOURCE, changed)))
    np.testing.assert_allclose(after[:, :3], before[:, :3], atol=1e-5)
    assert np.abs(after[:, 3:] - before[:, 3:]).max() > 0.1


@every_choice
def test_decoding_step_by_step_equals_one_call(cell, attention, tie, num_layers):
    model = translator(cell=cell, attention=attention, tie=tie, num_layers=num_layers)
    logits = decode_all(model, SOURCE, TARGET, model.decode)
    np.testing.assert_allclose(logits[REAL], model((SOURCE, TARGET))[REAL], atol=1e-5)


@pytest.mark.parametrize("search", [GreedySearch(), BeamSearch()])
def test_searches_keep_the_states_of_hypotheses_apart(search):
    """What a search says of its hypotheses' scores is what one call says of them."""
    model = make()
    for weight in model.trainable_weights:
        weight.assign(2 * weight)
    limits = tf.constant([9, 5, 7])
    found = search(model, tf.constant(SOURCE), limits)
    best = (slice(None), 0) if isinstance(search, BeamSearch) else (slice(None),)
    ids, scores = found.ids.numpy()[best], found.scores.numpy()[best]
    assert (ids[0] != ids[1]).any()
    targets = np.concatenate([np.full((3, 1), 2), ids[:, :-1]], axis=1)
    log_probs = tf.nn.log_softmax(model((SOURCE, targets))).numpy()
    totals = np.take_along_axis(log_probs, ids[..., None], axis=-1)[..., 0]
    lengths = (ids != 0).sum(axis=1)
    totals = np.where(ids != 0, totals, 0).sum(axis=1)
    penalty = ((5 + lengths) / 6) ** 0.6 if isinstance(search, BeamSearch) else 1
    np.testing.assert_allclose(scores, totals / penalty, rtol=1e-4)


def test_xla_computes_the_same_steps():
    model = translator()
    cache = model.empty_cache(3, 8).at(tf.constant(0), tf.zeros([3, 1], tf.int32))
    arguments = (tf.constant(TARGET[:, :1]), model.read(SOURCE), cache, tf.range(8) <= 0)
    logits, _ = tf.function(model.decode, jit_compile=True)(*arguments)
    np.testing.assert_allclose(logits[:, 0], model((SOURCE, TARGET))[:, 0], atol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("attention", ["additive", "multiplicative"])
def test_a_row_of_padding_alone_gives_no_nan(attention, dtype):
    model = translator(dtype, attention=attention)
    step = decode_all(model, SOURCE, TARGET[:, :1], model.decode)
    np.testing.assert_allclose(step[:, 0], model((SOURCE, TARGET))[:, 0], rtol=0.05, atol=0.05)
    source, target = SOURCE.copy(), TARGET.copy()
    source[1], target[1] = 0, 0
    with tf.GradientTape() as tape:
        logits = model((source, target), training=True)
        loss = tf.reduce_mean(logits**2)
    assert logits.dtype == tf.float32
    for tensor in (
        logits,
        *map(tf.convert_to_tensor, tape.gradient(loss, model.trainable_weights)),
    ):
        assert np.isfinite(tensor).all()


@pytest.mark.filterwarnings("ignore:__array__ implementation")
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_loaded_model_is_the_same_model(cell, tmp_path):
    model = translator(cell=cell, attention="multiplicative", num_layers=2)
    model.save(tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    assert loaded.config == model.config
    assert [w.path for w in loaded.weights] == [w.path for w in model.weights]
    np.testing.assert_array_equal(loaded((SOURCE, TARGET)), model((SOURCE, TARGET)))
    assert RNNTranslator.from_config(model.get_config()).get_config() == model.get_config()


PROGRAM = """
import keras
import numpy as np
from tests import reference, rnn_reference
from tf_transformer.config import RNNConfig
from tf_transformer.models import RNNTranslator

source, target = np.array([[5, 9, 22, 4], [8, 6, 0, 0]]), np.array([[2, 6, 7], [2, 5, 9]])
model = reference.randomize(RNNTranslator(RNNConfig(23, 23, d_model=16, attention="additive")))
logits = keras.ops.convert_to_numpy(model((source, target)))
w = reference.weights_of(model)
expected, _ = rnn_reference.translate(w, model.config, source[1, :2], target[1])
np.testing.assert_allclose(logits[1], expected, atol=1e-5)

memory, cache = model.read(source), model.empty_cache(2, 4)
for t in range(3):
    cache = cache.at(t, np.full((2, 1), t))
    step, cache = model.decode(target[:, t : t + 1], memory, cache, np.arange(4) <= t)
    step = keras.ops.convert_to_numpy(step)
    np.testing.assert_allclose(step[:, 0], logits[:, t], atol=1e-5)
print("same on", keras.backend.backend())
"""


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_same_numbers_on_other_backends(backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=CHECKOUT,
        env=environment() | {"KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert finished.stdout.strip() == f"same on {backend}", finished.stderr


def test_the_model_lives_in_a_functional_model():
    model = translator()
    source, target = keras.Input((None,), dtype="int32"), keras.Input((None,), dtype="int32")
    logits = model((source, target))
    assert (logits.shape, logits.dtype) == ((None, None, 23), "float32")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"cell": "grue"}, "cell='grue' is unknown: did you mean gru"),
        ({"attention": "dot"}, "attention='dot' is unknown"),
        ({"d_model": 15}, "d_model=15 is odd"),
        ({"target_vocab_size": 24}, "tie='all' needs one vocabulary"),
    ],
)
def test_mistakes_in_a_configuration(options, says):
    with pytest.raises(UserError, match=re.escape(says)):
        CONFIG.replace(**options)


def test_a_run_remembers_which_model_it_is_of(tmp_path):
    run = Run.create(tmp_path / "run")
    plan = TranslatorTraining(epochs=6)
    run.save_config("mine", CONFIG, plan)
    assert run.load_config() == ("mine", CONFIG, plan)


def test_it_is_no_model_for_ctranslate2(tmp_path):
    with pytest.raises(UserError, match="CTranslate2 runs Transformers, not RNNTranslator"):
        export_ctranslate2(translator(), None, None, tmp_path / "model")
