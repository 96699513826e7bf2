"""The Transformer computes what the papers say, and nothing else moves its outputs."""

import dataclasses
import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests import reference
from tests.small import DEEP
from tf_transformer.config import TransformerConfig
from tf_transformer.errors import UserError
from tf_transformer.models import Transformer

CONFIG = TransformerConfig(
    source_vocab_size=23,
    target_vocab_size=23,
    **DEEP,
    dropout=0.1,
    attention_dropout=0.1,
    feed_forward_dropout=0.1,
    max_length=12,
)
POSITIONS = ("sinusoidal", "learned", "rotary")
SOURCE = np.array([[5, 9, 22, 4, 7, 3], [8, 6, 3, 0, 0, 0], [11, 3, 0, 0, 0, 0]])
TARGET = np.array([[2, 6, 7, 8, 9], [2, 5, 9, 0, 0], [2, 13, 14, 15, 0]])
REAL = TARGET != 0

every_kind_of_position = pytest.mark.parametrize("positions", POSITIONS)
every_choice = pytest.mark.parametrize(
    ("norm", "positions", "tie", "activation"),
    [  # every pair of choices that touch each other
        ("pre", "sinusoidal", "none", "relu"),
        ("post", "sinusoidal", "target", "gelu"),
        ("pre", "sinusoidal", "all", "relu"),
        ("post", "learned", "none", "relu"),
        ("pre", "learned", "target", "gelu"),
        ("post", "learned", "all", "relu"),
        ("pre", "rotary", "none", "relu"),
        ("post", "rotary", "target", "gelu"),
        ("pre", "rotary", "all", "gelu"),
    ],
)


def make(dtype="float32", **options):
    if options.get("tie") in ("none", "target"):
        options["source_vocab_size"] = 31
    return reference.randomize(Transformer(dataclasses.replace(CONFIG, **options), dtype=dtype))


transformer = functools.cache(make)  # for the tests that leave the weights alone


def pad(ids, width):
    return np.pad(ids, ((0, 0), (0, width)))


@every_choice
def test_logits_equal_the_reference(norm, positions, tie, activation):
    model = transformer(norm=norm, positions=positions, tie=tie, activation=activation)
    logits = model((SOURCE, TARGET))
    expected = reference.transformer(reference.weights_of(model), model.config, SOURCE, TARGET)
    assert np.std(expected) > 0.5
    np.testing.assert_allclose(logits, expected, atol=1e-5)


@every_kind_of_position
def test_padding_the_source_changes_nothing(positions):
    model = transformer(positions=positions)
    np.testing.assert_allclose(
        model((pad(SOURCE, 5), TARGET))[REAL], model((SOURCE, TARGET))[REAL], atol=1e-5
    )


@every_kind_of_position
def test_padding_the_target_changes_nothing_at_real_positions(positions):
    model = transformer(positions=positions)
    np.testing.assert_allclose(
        model((SOURCE, pad(TARGET, 5)))[:, :5][REAL], model((SOURCE, TARGET))[REAL], atol=1e-5
    )


def test_what_stands_in_the_padding_rows_of_the_embedding_changes_nothing():
    model = make(tie="none")
    before = np.array(model((SOURCE, TARGET)))
    for table in (model.source_embedding.table, model.target_embedding.table):
        table.assign(np.where(np.arange(table.shape[0])[:, None] == 0, 1e3, table))
    np.testing.assert_allclose(model((SOURCE, TARGET))[REAL], before[REAL], atol=1e-5)


def test_rows_do_not_see_each_other():
    model = transformer()
    together = np.array(model((SOURCE, TARGET)))
    for i, (source, target) in enumerate(zip(SOURCE, TARGET, strict=True)):
        source, target = source[source != 0][None], target[target != 0][None]
        alone = model((source, target))
        np.testing.assert_allclose(together[i : i + 1, : target.shape[1]], alone, atol=1e-5)


def test_the_order_of_rows_is_the_order_of_logits():
    model = transformer()
    np.testing.assert_allclose(
        model((SOURCE[::-1], TARGET[::-1])), model((SOURCE, TARGET))[::-1], atol=1e-5
    )


@every_kind_of_position
def test_future_tokens_do_not_change_past_logits(positions):
    model = transformer(positions=positions)
    before = np.array(model((SOURCE, TARGET)))
    for t in range(1, TARGET.shape[1]):
        changed = TARGET.copy()
        changed[:, t:] = 17
        after = model((SOURCE, changed))
        np.testing.assert_allclose(after[:, :t], before[:, :t], atol=1e-5)
        assert np.abs(after[:, t:] - before[:, t:]).max() > 0.1


@every_kind_of_position
def test_the_order_of_words_matters(positions):
    model = transformer(positions=positions)
    swapped = SOURCE[:, [1, 0, 2, 3, 4, 5]]
    assert np.abs(model((swapped, TARGET)) - model((SOURCE, TARGET))).max() > 0.1


@pytest.mark.parametrize(
    "positions",
    [
        "rotary",
        pytest.param("sinusoidal", marks=pytest.mark.long),
        pytest.param("learned", marks=pytest.mark.long),
    ],
)
@pytest.mark.usefixtures("optimized_graphs")
def test_eager_graph_and_xla_agree(positions):
    model = transformer(positions=positions, num_layers=1)
    source, target = tf.constant(SOURCE), tf.constant(TARGET)
    eager = model((source, target))
    ids = tf.TensorSpec((None, None), source.dtype)
    graph = tf.function(lambda s, t: model((s, t)), input_signature=[ids, ids])
    xla = tf.function(lambda s, t: model((s, t)), jit_compile=True)
    np.testing.assert_allclose(graph(source, target), eager, atol=1e-5)
    np.testing.assert_allclose(xla(source, target), eager, atol=1e-5)


def decode_all(model, source, target, step):
    room = target.shape[1] + 3
    memory, cache = model.read(source), model.empty_cache(len(target), room)
    logits = []
    for t in range(target.shape[1]):
        token_ids, mask = tf.constant(target[:, t : t + 1]), tf.range(room) <= t
        positions = tf.fill([len(target), 1], t)
        out, cache = step(token_ids, memory, cache.at(tf.constant(t), positions), mask)
        logits.append(out)
    return np.concatenate(logits, axis=1)


@every_kind_of_position
@pytest.mark.parametrize(("norm", "tie"), [("pre", "none"), ("post", "all")])
def test_decoding_step_by_step_equals_one_call(norm, positions, tie):
    model = transformer(norm=norm, positions=positions, tie=tie)
    logits = decode_all(model, SOURCE, TARGET, model.decode)
    np.testing.assert_allclose(logits[REAL], model((SOURCE, TARGET))[REAL], atol=1e-5)


@pytest.mark.parametrize("jit_compile", [False, True])
@every_kind_of_position
def test_compiled_steps_equal_one_call(positions, jit_compile):
    model = transformer(positions=positions, num_layers=1)
    step = tf.function(model.decode, jit_compile=jit_compile)
    logits = decode_all(model, SOURCE, TARGET, step)
    np.testing.assert_allclose(logits[REAL], model((SOURCE, TARGET))[REAL], atol=1e-5)


def test_attention_weights_are_those_of_the_call():
    model = transformer()
    weights = model.attention_weights(SOURCE, TARGET)
    shapes = {name: w.shape for name, w in weights.items()}
    assert shapes == {
        "encoder": (3, 2, 4, 6, 6),
        "decoder": (3, 2, 4, 5, 5),
        "cross": (3, 2, 4, 5, 6),
    }
    for w in weights.values():
        np.testing.assert_allclose(np.sum(w, axis=-1), 1, atol=1e-6)
    assert not np.array(weights["cross"])[1, ..., 3:].any()  # the padding of row 1
    assert not np.triu(weights["decoder"], 1).any()  # the future


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("norm", ["pre", "post"])
def test_a_row_of_padding_alone_gives_no_nan(norm, dtype):
    model = transformer(dtype, norm=norm)
    source, target = SOURCE.copy(), TARGET.copy()
    source[1], target[1] = 0, 0
    with tf.GradientTape() as tape:
        logits = model((source, target), training=True)
        loss = tf.reduce_mean(logits**2)
    gradients = tape.gradient(loss, model.trainable_weights)
    for tensor in (logits, *map(tf.convert_to_tensor, gradients)):
        assert np.isfinite(tensor).all()


@pytest.mark.parametrize("dtype", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("tie", ["none", "all"])
def test_logits_are_float32_under_mixed_precision(tie, dtype):
    model = transformer(dtype, tie=tie)
    logits = model((SOURCE, TARGET))
    assert logits.dtype == tf.float32
    assert model.encode(SOURCE)[0].dtype == model.compute_dtype
    exact = transformer(tie=tie)((SOURCE, TARGET))
    error = np.abs(logits - exact)[REAL].max() / np.abs(exact).max()
    assert 0 < error < {"mixed_float16": 0.01, "mixed_bfloat16": 0.08}[dtype]


def test_dropout_acts_in_training_alone():
    model = transformer()
    still = model((SOURCE, TARGET))
    np.testing.assert_array_equal(model((SOURCE, TARGET), training=False), still)
    assert np.abs(model((SOURCE, TARGET), training=True) - still).max() > 0.1


@pytest.mark.parametrize(("tie", "tables"), [("none", 3), ("target", 2), ("all", 1)])
def test_tying_makes_tables_one(tie, tables):
    model = transformer(tie=tie)
    sizes = {model.config.source_vocab_size, model.config.target_vocab_size}
    assert sum(bool(sizes & set(w.shape)) for w in model.weights if "bias" not in w.path) == tables


def test_the_model_lives_in_a_functional_model():
    model = transformer("mixed_bfloat16", tie="target")
    source, target = keras.Input((None,), dtype="int32"), keras.Input((None,), dtype="int32")
    logits = model((source, target))
    assert (logits.shape, logits.dtype) == ((None, None, 23), "float32")
    functional = keras.Model([source, target], logits)
    np.testing.assert_array_equal(functional([SOURCE, TARGET]), model((SOURCE, TARGET)))


@pytest.mark.parametrize("tie", ["none", "all"])
def test_summary_shows_true_shapes(tie):
    lines = []
    transformer(tie=tie).summary(
        print_fn=lambda text, line_break=False: lines.append(text), expand_nested=True
    )
    text = "\n".join(lines)
    assert "?" not in text
    assert "(None, None, 16)" in text
    assert ("(None, None, 23)" in text) == (tie == "none")
    assert "unbuilt" not in text


@every_kind_of_position
def test_hypotheses_side_by_side_equal_rows_of_their_own(positions):
    model = transformer(positions=positions)
    memory, cache = model.read(SOURCE[:1]), model.empty_cache(1, 2 * 4)
    first, second = np.array([[2, 6, 7, 8], [2, 9, 4, 11]])
    for t in range(4):
        token_ids = np.array([[first[t], second[t]]])
        mask = (np.arange(8) // 2 <= t) & (np.arange(8) % 2 == np.arange(2)[:, None])
        logits, cache = model.decode(token_ids, memory, cache.at(2 * t, np.array([[t]])), mask)
    target = np.stack([first, second])
    expected = model((np.repeat(SOURCE[:1], 2, axis=0), target))[:, -1]
    np.testing.assert_allclose(logits[0], expected, atol=1e-5)


@every_kind_of_position
def test_rows_may_stand_at_different_positions(positions):
    """The second row begins two steps later: its first slots hold somebody else's tokens."""
    model = transformer(positions=positions)
    target = np.array([[2, 6, 7, 8, 9], [2, 9, 4, 11, 5]])
    memory, cache = model.read(SOURCE[:2]), model.empty_cache(2, 5)
    for t in range(5):
        at = np.array([t, t - 2 if t >= 2 else 0])
        token_ids = target[[0, 1], at][:, None]
        mask = np.stack([np.arange(5) <= t, (np.arange(5) >= 2) & (np.arange(5) <= t)])
        logits, cache = model.decode(
            token_ids, memory, cache.at(t, at[:, None]), mask[:, None, None]
        )
    expected = model((SOURCE[:2], target))
    np.testing.assert_allclose(logits[0, 0], expected[0, 4], atol=1e-5)
    np.testing.assert_allclose(logits[1, 0], expected[1, 2], atol=1e-5)


@pytest.mark.parametrize("inputs", [np.ones((2, 3), int), (np.ones((2, 3), int),)])
def test_a_call_without_the_target_is_answered_in_a_line(inputs):
    model = Transformer.from_preset("tiny", vocab_size=20)
    with pytest.raises(UserError, match=r"is called with two tensors: model") as raised:
        model(inputs)
    assert "\n" not in str(raised.value)
