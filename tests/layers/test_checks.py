"""What cannot be is refused in one line: by constructors, and by calls."""

import keras
import numpy as np
import pytest
from keras import ops

from tests.small import SMALL
from tf_transformer import layers
from tf_transformer.errors import UserError

IDS = np.array([[5, 7, 3], [4, 2, 0]])
X = np.zeros((2, 3, 16), "float32")


def refuses(message):
    """Expect a `UserError` of one line that contains `message`."""
    return pytest.raises(UserError, match=rf"^(?=[^\n]*\Z).*{message}")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.PositionalEmbedding(10, 16, positions="sinus"), "did you mean sinusoidal"),
        (lambda: layers.PositionalEmbedding(10, 15), "d_model=15: .* make it even"),
        (lambda: layers.PositionalEmbedding(0, 16), "vocab_size=0: the value must be at least 1"),
        (lambda: layers.MultiHeadAttention(16, 0), "num_heads=0: the value must be at least 1"),
        (lambda: layers.MultiHeadAttention(16, 3), "d_model=16 is not divisible by num_heads=3"),
        (lambda: layers.MultiHeadAttention(6, 2, rotary=True), "num_heads=3: .* make it even"),
        (lambda: layers.Encoder(2, 16.0, 2, 24), "d_model=16.0: this field takes an int"),
        (lambda: layers.Encoder(**SMALL | {"num_layers": 0}), "num_layers=0"),
        (
            lambda: layers.Decoder(**SMALL, norm="postt"),
            "norm='postt' is unknown: did you mean post",
        ),
        (lambda: layers.CausalDecoder(**SMALL, activation="rellu"), "did you mean relu"),
        (lambda: layers.FeedForward(16, 0), "d_ff=0"),
        (lambda: layers.RecurrentEncoder(1, 16, cell="gruu"), "cell='gruu' .* did you mean gru"),
        (lambda: layers.RecurrentEncoder(1, 15), "d_model=15 is odd"),
        (
            lambda: layers.RecurrentDecoder(1, 16, cell="rnn"),
            "cell='rnn' .* choose one of gru, lstm",
        ),
        (lambda: layers.RecurrentDecoder(1, 16, attention="aditive"), "did you mean additive"),
        (lambda: layers.AdditiveAttention(0), "d_model=0"),
        (lambda: layers.sinusoids(np.arange(3), 15), "width=15: .* make it even"),
        (lambda: layers.causal_mask(None), r"causal_mask\(token_ids\)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_arguments_that_cannot_be_are_refused_when_a_layer_is_made(make, message):
    with refuses(message):
        make()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda e, d: e(IDS[0]), r"has the shape \(3,\): token ids are \(batch, length\)"),
        (lambda e, d: e(IDS * 1.0), "has the dtype float"),
        (lambda e, d: e(IDS + 20), "has the id 25, but ids go from 0 to 19"),
        (lambda e, d: e(-IDS), "has the id -5"),
        (lambda e, d: e(keras.Input((None,))), "has the dtype float32"),
        (lambda e, d: d(X, np.zeros((2, 5, 12), "float32")), r"not \(batch, length, 16\)"),
        (lambda e, d: d(X, X, attention_mask=IDS > 0), r"shape \(2, 3\) does not broadcast to"),
        (lambda e, d: d(X, X, attention_mask=X[:, None, :, :3]), "dtype float32: it needs bools"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_tensors_that_do_not_fit_are_refused_when_a_layer_is_called(call, message):
    with refuses(message):
        call(layers.PositionalEmbedding(20, 16), layers.Decoder(**SMALL))


@pytest.mark.parametrize("x", [X[0], X[..., :12], IDS], ids=["rank", "width", "ids"])
def test_vectors_of_another_shape_are_refused(x):
    with pytest.raises(ValueError, match=r"^Input 0 .* layer 'encoder\w*' is incompatible"):
        layers.Encoder(**SMALL)(x)


ONE = {
    "attention": lambda: layers.MultiHeadAttention(16, 2),
    "encoder": lambda: layers.Encoder(**SMALL),
    "causal_decoder": lambda: layers.CausalDecoder(**SMALL),
    "recurrent_encoder": lambda: layers.RecurrentEncoder(1, 16),
    "residual": lambda: layers.Residual(layers.MultiHeadAttention(16, 2)),
}
TWO = {
    "cross_attention": lambda: layers.MultiHeadAttention(16, 2),
    "decoder": lambda: layers.Decoder(**SMALL),
    "recurrent_decoder": lambda: layers.RecurrentDecoder(1, 16),
    "additive_attention": lambda: layers.AdditiveAttention(16),
}
either_way = pytest.mark.parametrize(
    "token_ids", [IDS, keras.Input((None,), dtype="int32")], ids=["eager", "functional"]
)


@either_way
@pytest.mark.parametrize("make", [*ONE.values(), *TWO.values()], ids=[*ONE, *TWO])
def test_a_mask_that_keras_hung_on_a_tensor_is_refused(make, token_ids):
    masked = keras.layers.Embedding(20, 16, mask_zero=True)(token_ids)
    plain = keras.layers.Embedding(20, 16)(token_ids)
    calls = [(masked,)] if make in ONE.values() else [(masked, plain), (plain, masked)]
    for inputs in calls:
        with refuses("takes masks as arguments, .* without mask_zero"):
            make()(*inputs)


@either_way
def test_layers_that_work_at_each_position_alone_hand_the_mask_of_keras_on(token_ids):
    masked = keras.layers.Embedding(20, 16, mask_zero=True)(token_ids)
    for layer in (
        layers.Dense(16),
        layers.FeedForward(16, 24),
        layers.Residual(layers.FeedForward(16, 24)),
    ):
        with refuses("takes masks as arguments"):
            layers.Encoder(**SMALL)(layer(masked))


def test_masks_of_unknown_length_work_in_a_functional_model_that_is_saved(tmp_path):
    token_ids = keras.Input((None,), dtype="int32")
    x = layers.PositionalEmbedding(20, 16)(token_ids)
    mask = ops.logical_and(layers.padding_mask(token_ids), layers.causal_mask(token_ids))
    encoder = layers.Encoder(**SMALL)
    model = keras.Model(token_ids, encoder(x, attention_mask=mask))
    vectors = keras.Input((None, 16))
    same = keras.Model(vectors, encoder(vectors, attention_mask=layers.causal_mask(vectors)))
    y = model(IDS)
    np.testing.assert_allclose(model(IDS[:, :2]), y[:, :2], atol=1e-5)
    np.testing.assert_allclose(same(model.layers[1](IDS[:1])), y[:1], atol=1e-5)
    model.save(tmp_path / "model.keras")
    np.testing.assert_allclose(keras.saving.load_model(tmp_path / "model.keras")(IDS), y, atol=1e-5)
