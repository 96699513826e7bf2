"""The language model computes what the papers say, and nothing else moves its outputs."""

import dataclasses
import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests import reference
from tests.small import DEEP
from tf_transformer.config import CausalLMConfig
from tf_transformer.errors import UserError
from tf_transformer.models import CausalLM

CONFIG = CausalLMConfig(
    vocab_size=23,
    **DEEP,
    dropout=0.1,
    attention_dropout=0.1,
    feed_forward_dropout=0.1,
    max_length=12,
)
POSITIONS = ("sinusoidal", "learned", "rotary")
IDS = np.array([[5, 9, 22, 4, 7, 8], [8, 6, 3, 0, 0, 0], [11, 3, 5, 6, 0, 0]])
REAL = IDS != 0

every_kind_of_position = pytest.mark.parametrize("positions", POSITIONS)


def make(dtype="float32", **options):
    return reference.randomize(CausalLM(dataclasses.replace(CONFIG, **options), dtype=dtype))


language_model = functools.cache(make)  # for the tests that leave the weights alone


@pytest.mark.parametrize(
    ("norm", "positions", "tie", "activation"),
    [
        ("pre", "learned", True, "gelu"),  # GPT-2's
        ("pre", "rotary", False, "gelu"),
        ("post", "sinusoidal", True, "relu"),
    ],
)
def test_logits_equal_the_reference(norm, positions, tie, activation):
    model = language_model(norm=norm, positions=positions, tie=tie, activation=activation)
    expected = reference.causal_lm(reference.weights_of(model), model.config, IDS)
    assert np.std(expected[REAL]) > 0.5
    np.testing.assert_allclose(model(IDS)[REAL], expected[REAL], atol=1e-5)


@every_kind_of_position
def test_padding_changes_nothing_at_real_positions(positions):
    model = language_model(positions=positions)
    padded = np.pad(IDS, ((0, 0), (0, 5)))
    np.testing.assert_allclose(model(padded)[:, :6][REAL], model(IDS)[REAL], atol=1e-5)


def test_what_stands_in_the_padding_row_of_the_embedding_changes_nothing():
    model = make(tie=False)
    before = np.array(model(IDS))
    table = model.embedding.table
    table.assign(np.where(np.arange(table.shape[0])[:, None] == 0, 1e3, table))
    np.testing.assert_allclose(model(IDS)[REAL], before[REAL], atol=1e-5)


def test_rows_do_not_see_each_other():
    model = language_model()
    together = np.array(model(IDS))
    for i, row in enumerate(IDS):
        row = row[row != 0][None]
        np.testing.assert_allclose(together[i : i + 1, : row.shape[1]], model(row), atol=1e-5)


@every_kind_of_position
def test_later_tokens_do_not_change_earlier_logits(positions):
    model = language_model(positions=positions)
    before = np.array(model(IDS))
    for t in range(1, IDS.shape[1]):
        changed = IDS.copy()
        changed[:, t:] = 17
        after = model(changed)
        np.testing.assert_allclose(after[:, :t], before[:, :t], atol=1e-5)
        assert np.abs(after[:, t:] - before[:, t:]).max() > 0.1


@every_kind_of_position
def test_the_order_of_tokens_matters(positions):
    model = language_model(positions=positions)
    swapped = IDS[:1, [1, 0, 2, 3, 4, 5]]
    assert np.abs(model(swapped) - model(IDS[:1]))[:, 2:].max() > 0.1


@pytest.mark.usefixtures("optimized_graphs")
def test_eager_graph_and_xla_agree():
    model = language_model(num_layers=1)
    ids = tf.constant(IDS)
    eager = model(ids)
    graph = tf.function(model, input_signature=[tf.TensorSpec((None, None), ids.dtype)])
    xla = tf.function(lambda ids: model(ids), jit_compile=True)
    np.testing.assert_allclose(graph(ids), eager, atol=1e-5)
    np.testing.assert_allclose(xla(ids), eager, atol=1e-5)


def steps(model, prompt, rest, decode=None):
    """Return the logits after each token of `rest`, given the prompt before it."""
    decode = decode or model.decode
    memory, room = model.read(prompt), rest.shape[1] + 2
    cache = model.empty_cache(len(prompt), room)
    logits = []
    for t in range(rest.shape[1]):
        token_ids, positions = tf.constant(rest[:, t : t + 1]), tf.fill([len(rest), 1], t)
        own = tf.range(room) <= t
        out, cache = decode(token_ids, memory, cache.at(tf.constant(t), positions), own)
        logits.append(out)
    return np.concatenate(logits, axis=1)


@every_kind_of_position
@pytest.mark.parametrize("read", [0, 4])
@pytest.mark.parametrize("norm", ["pre", "post"])
def test_going_on_step_by_step_equals_one_call(norm, read, positions):
    model = language_model(norm=norm, positions=positions, tie=norm == "pre")
    ids = np.array([[5, 9, 22, 4, 7, 8], [8, 6, 3, 12, 13, 14]])
    logits = steps(model, ids[:, :read], ids[:, read:])
    np.testing.assert_allclose(logits, model(ids)[:, read:], atol=1e-5)


@every_kind_of_position
def test_prompts_of_different_lengths_go_on_as_they_would_alone(positions):
    model = language_model(positions=positions)
    prompts = np.array([[5, 9, 22, 4], [8, 6, 0, 0]])
    rest = np.array([[7, 8], [3, 12]])
    together = steps(model, prompts, rest)
    for i, width in enumerate((4, 2)):
        alone = model(np.concatenate([prompts[i : i + 1, :width], rest[i : i + 1]], axis=1))
        np.testing.assert_allclose(together[i], alone[0, width:], atol=1e-5)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_compiled_steps_equal_one_call(jit_compile):
    model = language_model(num_layers=1)
    ids = np.array([[5, 9, 22, 4, 7, 8]])
    decode = tf.function(model.decode, jit_compile=jit_compile)
    logits = steps(model, ids[:, :3], ids[:, 3:], decode)
    np.testing.assert_allclose(logits, model(ids)[:, 3:], atol=1e-5)


def test_hypotheses_side_by_side_equal_rows_of_their_own():
    model = language_model()
    prompt, first, second = np.array([[5, 9]]), np.array([22, 4, 7]), np.array([22, 8, 11])
    memory, cache = model.read(prompt), model.empty_cache(1, 2 * 3)
    for t in range(3):
        token_ids = np.array([[first[t], second[t]]])
        mask = (np.arange(6) // 2 <= t) & (np.arange(6) % 2 == np.arange(2)[:, None])
        logits, cache = model.decode(token_ids, memory, cache.at(2 * t, np.array([[t]])), mask)
    rows = np.concatenate([np.repeat(prompt, 2, axis=0), np.stack([first, second])], axis=1)
    np.testing.assert_allclose(logits[0], model(rows)[:, -1], atol=1e-5)


def test_attention_weights_are_those_of_the_call():
    weights = language_model().attention_weights(IDS)
    assert weights.shape == (3, 2, 4, 6, 6)
    np.testing.assert_allclose(np.sum(weights, axis=-1), 1, atol=1e-6)
    assert not np.triu(weights, 1).any()  # the future
    assert not np.array(weights)[1, ..., 3:].any()  # the padding of row 1


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16", "mixed_bfloat16"])
def test_a_row_of_padding_alone_gives_no_nan(dtype):
    model = language_model(dtype)
    ids = IDS.copy()
    ids[1] = 0
    with tf.GradientTape() as tape:
        logits = model(ids, training=True)
        loss = tf.reduce_mean(logits**2)
    assert logits.dtype == tf.float32
    gradients = tape.gradient(loss, model.trainable_weights)
    for tensor in (logits, *map(tf.convert_to_tensor, gradients)):
        assert np.isfinite(tensor).all()


def test_dropout_acts_in_training_alone():
    model = language_model()
    still = model(IDS)
    np.testing.assert_array_equal(model(IDS, training=False), still)
    assert np.abs(model(IDS, training=True) - still).max() > 0.1


def test_more_tokens_than_learned_positions_are_refused():
    with pytest.raises(ValueError, match="13 positions are more than the 12 learned ones"):
        language_model(positions="learned")(np.ones((1, 13), "int32"))


def test_a_model_of_nanogpts_shape_has_its_number_of_weights():
    config = CausalLMConfig(vocab_size=65, positions="learned")
    per_layer = 12 * 128**2 + (4 + 4 + 1 + 4) * 128  # matrices; biases and norms
    others = 65 * 128 + 64 * 128 + 2 * 128
    assert CausalLM(config).count_params() == 4 * per_layer + others


@pytest.mark.parametrize(("tie", "dtype"), [(True, "mixed_bfloat16"), (False, "float32")])
def test_a_loaded_model_gives_the_same_logits(tie, dtype, tmp_path):
    model = language_model(dtype, tie=tie, positions="learned")
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.config == model.config
    assert loaded.dtype_policy.name == dtype
    assert [w.path for w in loaded.weights] == [w.path for w in model.weights]
    np.testing.assert_array_equal(loaded(IDS), model(IDS))


def test_the_model_lives_in_a_functional_model():
    model = language_model()
    ids = keras.Input((None,), dtype="int32")
    logits = model(ids)
    assert (logits.shape, logits.dtype) == ((None, None, 23), "float32")
    np.testing.assert_array_equal(keras.Model(ids, logits)(IDS), model(IDS))


def test_a_config_makes_the_same_model():
    config = language_model().get_config()
    assert CausalLM.from_config(config).get_config() == config
    with pytest.raises(UserError, match="d_model=16 is not divisible by num_heads=3"):
        CausalLM(CONFIG.to_dict() | {"num_heads": 3})
