import keras
import numpy as np
import pytest
import tensorflow as tf

from tests import reference
from tf_transformer.layers import MultiHeadAttention, causal_mask

RNG = np.random.default_rng(0)
QUERY = RNG.standard_normal((2, 5, 16)).astype("float32")
MEMORY = RNG.standard_normal((2, 7, 16)).astype("float32")
CAUSAL = np.array(causal_mask(5))
MEMORY_MASK = np.array([[1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 1, 0, 0]], bool)[:, None, None, :]


def attention(num_heads=4, **kwargs):
    layer = MultiHeadAttention(16, num_heads, **kwargs)
    layer.build((None, None, 16))
    return reference.randomize(layer)


@pytest.mark.parametrize("rotary", [False, True])
@pytest.mark.parametrize("num_heads", [1, 4])
@pytest.mark.parametrize("memory", [None, MEMORY], ids=["self", "cross"])
def test_attention_equals_the_reference(memory, num_heads, rotary):
    layer = attention(num_heads, rotary=rotary)
    mask = CAUSAL if memory is None else MEMORY_MASK
    output, weights = layer(QUERY, memory, attention_mask=mask, return_weights=True)
    expected_output, expected_weights = reference.attention(
        reference.weights_of(layer),
        QUERY,
        QUERY if memory is None else memory,
        mask,
        num_heads,
        rotary,
    )
    np.testing.assert_allclose(output, expected_output, atol=1e-5)
    np.testing.assert_allclose(weights, expected_weights, atol=1e-5)


@pytest.mark.parametrize(
    "options",
    [{"qk_norm": True}, {"num_kv_heads": 1}, {"qk_norm": True, "num_kv_heads": 2}],
    ids=str,
)
@pytest.mark.parametrize(("memory", "rotary"), [(None, True), (MEMORY, False)])
def test_normalised_queries_and_shared_heads_equal_the_reference(memory, rotary, options):
    layer = attention(4, rotary=rotary, **options)
    mask = CAUSAL if memory is None else MEMORY_MASK
    output, weights = layer(QUERY, memory, attention_mask=mask, return_weights=True)
    memory = QUERY if memory is None else memory
    expected = reference.attention(reference.weights_of(layer), QUERY, memory, mask, 4, rotary)
    np.testing.assert_allclose(output, expected[0], atol=1e-5)
    np.testing.assert_allclose(weights, expected[1], atol=1e-5)
    assert layer.keys_values(memory).keys.shape[1] == options.get("num_kv_heads", 4)


def test_shared_heads_are_those_of_a_layer_that_has_them_several_times():
    layer, full = attention(4, num_kv_heads=2), attention(4)
    for ours, theirs in zip(layer.trainable_weights, full.trainable_weights, strict=True):
        values = np.array(ours)
        if ours.shape != theirs.shape:
            heads = np.split(values, 2, axis=-1)
            values = np.concatenate([heads[0], heads[0], heads[1], heads[1]], axis=-1)
        theirs.assign(values)
    np.testing.assert_allclose(layer(QUERY), full(QUERY), atol=1e-6)


def test_scores_of_normalised_queries_are_bounded_however_large_the_inputs():
    layer = MultiHeadAttention(16, 4, qk_norm=True, rotary=True)
    (_, weights), (_, same) = (layer(c * QUERY, return_weights=True) for c in (1, 1000))
    np.testing.assert_allclose(weights, same, atol=1e-5)
    scores = np.log(np.array(weights))
    assert np.ptp(scores, axis=-1).max() <= 2 * 4**0.5  # |q| |k| / sqrt(4), either way


@pytest.mark.parametrize("memory", [None, MEMORY], ids=["self", "cross"])
def test_attention_equals_keras_given_the_same_weights(memory):
    layer = attention()
    values = QUERY if memory is None else memory
    peer = keras.layers.MultiHeadAttention(num_heads=4, key_dim=4)
    peer.build(QUERY.shape, values.shape)
    for ours, theirs in zip(layer.weights, peer.weights, strict=True):
        assert ours.path.split("/")[-1] == theirs.path.split("/")[-1]  # kernel or bias
        theirs.assign(np.reshape(ours, theirs.shape))
    mask = CAUSAL if memory is None else MEMORY_MASK
    output, weights = layer(QUERY, memory, attention_mask=mask, return_weights=True)
    peer_output, peer_weights = peer(
        QUERY, values, attention_mask=mask[:, 0], return_attention_scores=True
    )
    np.testing.assert_allclose(output, peer_output, atol=1e-5)
    np.testing.assert_allclose(weights, peer_weights, atol=1e-5)


def test_no_weight_falls_on_masked_positions():
    _, weights = attention()(QUERY, MEMORY, attention_mask=MEMORY_MASK, return_weights=True)
    assert not np.array(weights)[~np.broadcast_to(MEMORY_MASK, weights.shape)].any()


def test_masked_memory_does_not_change_the_output():
    layer = attention()
    changed = np.where(MEMORY_MASK[:, 0, 0, :, None], MEMORY, 1e3)
    np.testing.assert_array_equal(
        layer(QUERY, MEMORY, attention_mask=MEMORY_MASK),
        layer(QUERY, changed, attention_mask=MEMORY_MASK),
    )


def test_rotary_self_attention_does_not_depend_on_where_a_text_stands():
    layer = attention(rotary=True)

    def at(start):
        positions = np.arange(start, start + QUERY.shape[1])
        keys, values = layer.keys_values(QUERY, positions)
        return layer.attend(QUERY, keys, values, CAUSAL, positions)

    for here, there in zip(at(0), at(40), strict=True):
        np.testing.assert_allclose(here, there, atol=1e-5)


@pytest.mark.parametrize(
    "options",
    [{}, {"rotary": True}, {"rotary": True, "qk_norm": True, "num_kv_heads": 2}],
    ids=str,
)
def test_a_call_equals_attending_to_kept_keys_and_values(options):
    layer = attention(**options)
    past, new = QUERY[:, :3], QUERY[:, 3:]
    positions = np.arange(3, QUERY.shape[1])
    halves = zip(layer.keys_values(past), layer.keys_values(new, positions), strict=True)
    keys, values = (np.concatenate(half, axis=2) for half in halves)
    output, _ = layer.attend(new, keys, values, CAUSAL[:, :, 3:], positions)
    np.testing.assert_allclose(output, layer(QUERY, attention_mask=CAUSAL)[:, 3:], atol=1e-5)


@pytest.mark.parametrize("options", [{}, {"qk_norm": True, "num_kv_heads": 2}], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "mixed_float16", "mixed_bfloat16"])
def test_a_row_with_nothing_to_attend_to_gives_no_nan(dtype, options):
    layer = attention(dtype=dtype, **options)
    mask = np.array([[True] * 7, [False] * 7])[:, None, None, :]
    query, memory = tf.constant(QUERY), tf.constant(MEMORY)
    with tf.GradientTape() as tape:
        tape.watch([query, memory])
        output, weights = layer(query, memory, attention_mask=mask, return_weights=True)
        loss = tf.reduce_mean(tf.cast(output, "float32") ** 2)
    gradients = tape.gradient(loss, [query, memory, *layer.trainable_weights])
    for tensor in (output, weights, *gradients):
        assert np.isfinite(np.array(tensor, "float32")).all()


@pytest.mark.parametrize("dtype", ["mixed_float16", "mixed_bfloat16"])
def test_softmax_is_computed_in_float32_under_mixed_precision(dtype):
    layer = attention(dtype=dtype)
    output, weights = layer(QUERY, MEMORY, attention_mask=MEMORY_MASK, return_weights=True)
    assert keras.backend.standardize_dtype(output.dtype) == layer.compute_dtype != "float32"
    assert keras.backend.standardize_dtype(weights.dtype) == "float32"
    np.testing.assert_allclose(np.sum(weights, axis=-1), 1, atol=1e-6)


def test_masks_do_not_overflow_float16():
    mask = np.array([[1, 1, 0, 0, 0, 0, 0]], bool)[:, None, None, :]
    exact = attention()(QUERY, MEMORY, attention_mask=mask)
    half = attention(dtype="mixed_float16")(QUERY, MEMORY, attention_mask=mask)
    np.testing.assert_allclose(np.array(half, "float32"), exact, atol=3e-2)


def test_dropout_acts_on_the_weights_that_are_used_not_on_those_returned():
    layer = attention(dropout=0.5)
    (output, weights), (other, same) = (
        layer(QUERY, training=training, return_weights=True) for training in (False, True)
    )
    np.testing.assert_array_equal(weights, same)
    assert np.abs(output - other).max() > 0.01


def test_heads_must_divide_the_width():
    with pytest.raises(ValueError, match="d_model=16 is not divisible by num_heads=3"):
        MultiHeadAttention(16, 3)
    with pytest.raises(ValueError, match="num_heads=4 is not divisible by num_kv_heads=3"):
        MultiHeadAttention(16, 4, num_kv_heads=3)


def test_weights_have_their_shape_in_a_functional_model():
    query, memory = keras.Input((None, 16)), keras.Input((7, 16))
    output, weights = MultiHeadAttention(16, 4)(query, memory, return_weights=True)
    assert (output.shape, weights.shape) == ((None, None, 16), (None, 4, None, 7))
    model = keras.Model([query, memory], [output, weights])
    assert [y.shape for y in model([QUERY, MEMORY])] == [(2, 5, 16), (2, 4, 5, 7)]


@pytest.mark.parametrize("shape", [(0, 5, 16), (2, 0, 16), (0, 0, 16)])
@pytest.mark.parametrize("num_kv_heads", [0, 2])
@pytest.mark.parametrize("graph", [False, True])
def test_nothing_gives_nothing(shape, graph, num_kv_heads):
    layer = attention(num_kv_heads=num_kv_heads)
    call = tf.function(layer, [tf.TensorSpec([None, None, 16])]) if graph else layer
    assert call(tf.zeros(shape)).shape == shape
