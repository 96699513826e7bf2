"""What holds for all layers: they are good citizens of Keras."""

import keras
import numpy as np
import pytest

from tests import reference
from tf_transformer import layers

RNG = np.random.default_rng(0)
IDS = RNG.integers(0, 11, (2, 5))
X = RNG.standard_normal((2, 2, 5, 16)).astype("float32")[0]
MEMORY = RNG.standard_normal((2, 7, 16)).astype("float32")

EMBEDDING = {"vocab_size": 11, "d_model": 16, "max_length": 9, "dropout": 0.1}
ATTENTION = {"d_model": 16, "num_heads": 4, "dropout": 0.1}
LAYER = {
    "d_model": 16,
    "num_heads": 4,
    "d_ff": 24,
    "dropout": 0.1,
    "attention_dropout": 0.2,
    "feed_forward_dropout": 0.3,
}
RECURRENT = {"num_layers": 2, "d_model": 16, "cell": "lstm", "dropout": 0.1}
POST = {"norm": "post", "activation": "gelu", "rotary": True}
MODERN = {"qk_norm": True, "num_kv_heads": 2, "zero_init": True}
MODERN_LAYER = MODERN | {"normalization": "rms_norm", "activation": "swiglu", "rotary": True}

CASES = {  # name: (class, arguments, inputs)
    "sinusoidal": (layers.PositionalEmbedding, EMBEDDING, [IDS]),
    "learned": (layers.PositionalEmbedding, EMBEDDING | {"positions": "learned"}, [IDS]),
    "self_attention": (layers.MultiHeadAttention, ATTENTION | {"rotary": True}, [X]),
    "cross_attention": (layers.MultiHeadAttention, ATTENTION, [X, MEMORY]),
    "modern_attention": (layers.MultiHeadAttention, ATTENTION | MODERN, [X, MEMORY]),
    "additive_attention": (layers.AdditiveAttention, {"d_model": 16}, [X, MEMORY]),
    "multiplicative_attention": (layers.MultiplicativeAttention, {"d_model": 16}, [X, MEMORY]),
    "feed_forward": (
        layers.FeedForward,
        {"d_model": 16, "d_ff": 24, "activation": "gelu", "dropout": 0.1},
        [X],
    ),
    "gated_feed_forward": (
        layers.FeedForward,
        {"d_model": 16, "d_ff": 24, "activation": "swiglu", "dropout": 0.1},
        [X],
    ),
    "rms_residual": (layers.Residual, {"normalization": "rms_norm"}, [X]),
    "residual": (
        layers.Residual,
        {"norm": "post", "dropout": 0.1},
        [X],
    ),
    "dense": (layers.Dense, {"units": 16}, [X]),
    "encoder_layer": (layers.EncoderLayer, LAYER, [X]),
    "encoder_layer_post": (layers.EncoderLayer, LAYER | POST, [X]),
    "causal_decoder_layer": (layers.CausalDecoderLayer, LAYER | {"rotary": True}, [X]),
    "causal_decoder_layer_modern": (layers.CausalDecoderLayer, LAYER | MODERN_LAYER, [X]),
    "decoder_layer": (layers.DecoderLayer, LAYER, [X, MEMORY]),
    "decoder_layer_post": (layers.DecoderLayer, LAYER | POST, [X, MEMORY]),
    "encoder": (layers.Encoder, LAYER | {"num_layers": 2}, [X]),
    "causal_decoder": (layers.CausalDecoder, LAYER | {"num_layers": 2}, [X]),
    "decoder": (layers.Decoder, LAYER | POST | {"num_layers": 2}, [X, MEMORY]),
    "decoder_modern": (layers.Decoder, LAYER | MODERN_LAYER | {"num_layers": 2}, [X, MEMORY]),
    "recurrent_encoder": (layers.RecurrentEncoder, RECURRENT, [X]),
    "recurrent_decoder": (
        layers.RecurrentDecoder,
        RECURRENT | {"attention": "multiplicative"},
        [X, MEMORY],
    ),
}

DROPPING = {name: case for name, case in CASES.items() if "dropout" in case[1]}

every_layer = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
pytestmark = [
    pytest.mark.filterwarnings("error"),
    pytest.mark.filterwarnings("ignore:__array__ implementation"),
]


def make(cls, arguments, **options):
    """Make a layer; a residual connection needs a layer within."""
    if cls is layers.Residual:
        inner = layers.FeedForward(16, 24, name="inner", dtype=options.get("dtype"))
        arguments = arguments | {"sublayer": inner}
    return cls(**arguments, **options)


def test_every_layer_is_here():
    classes = {
        public
        for name in layers.__all__
        if isinstance(public := getattr(layers, name), type)
        and issubclass(public, keras.layers.Layer)
    }
    assert classes == {case[0] for case in CASES.values()}


@every_layer
def test_a_config_makes_the_same_layer(case):
    cls, arguments, _ = case
    layer = make(cls, arguments, name="mine", dtype="mixed_bfloat16", trainable=False)
    config = layer.get_config()
    assert arguments.items() <= config.items()
    assert cls.from_config(config).get_config() == config
    assert keras.saving.get_registered_name(cls) == f"tf_transformer>{cls.__name__}"


@every_layer
def test_a_layer_lives_in_a_functional_model_and_survives_saving(case, tmp_path):
    cls, arguments, inputs = case
    symbols = [keras.Input((None, *x.shape[2:]), dtype=x.dtype) for x in inputs]
    output = make(cls, arguments)(*symbols)
    model = reference.randomize(keras.Model(symbols, output))
    expected = model(inputs)
    assert output.shape == (None, None, 16)
    assert expected.shape == (2, 5, 16)

    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(inputs), expected)
    assert [w.path for w in loaded.weights] == [w.path for w in model.weights]


@pytest.mark.parametrize("case", DROPPING.values(), ids=DROPPING.keys())
def test_dropout_acts_in_training_alone(case):
    cls, arguments, inputs = case
    layer = make(cls, arguments)
    layer(*inputs)
    reference.randomize(layer)  # where a layer begins with zeros, nothing would be dropped
    still = layer(*inputs)
    np.testing.assert_array_equal(layer(*inputs, training=False), still)
    assert np.abs(layer(*inputs, training=True) - still).max() > 1e-3


@every_layer
def test_without_dropout_training_changes_nothing(case):
    cls, arguments, inputs = case
    layer = make(cls, {k: v for k, v in arguments.items() if not k.endswith("dropout")})
    np.testing.assert_array_equal(layer(*inputs, training=True), layer(*inputs))


@every_layer
def test_mixed_precision_reaches_every_part(case):
    cls, arguments, inputs = case
    layer = make(cls, arguments, dtype="mixed_float16")
    symbol = layer(*(keras.Input((None, *x.shape[2:]), dtype=x.dtype) for x in inputs))
    output = layer(*inputs)
    assert keras.backend.standardize_dtype(output.dtype) == symbol.dtype == "float16"
    assert {part.dtype_policy.name for part in layer._flatten_layers()} == {"mixed_float16"}
    assert {w.dtype for w in layer.trainable_weights} == {"float32"}


@pytest.mark.parametrize("options", [{}, MODERN_LAYER], ids=["plain", "modern"])
def test_a_quantized_layer_in_a_functional_model_survives_saving(options, tmp_path):
    x, memory = keras.Input((None, 16)), keras.Input((None, 16))
    y = layers.Decoder(1, 16, 4, 24, **options)(x, memory)
    model = reference.randomize(keras.Model([x, memory], y))
    exact = np.array(model([X, MEMORY]))
    with pytest.warns(UserWarning, match="quantize"):  # of layers that have nothing to quantize
        model.quantize("int8")
    rough = np.array(model([X, MEMORY]))
    assert 0 < np.abs(rough - exact).max() < 0.2 * np.abs(exact).max()
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded([X, MEMORY]), rough, atol=1e-5)


@every_layer
def test_every_layer_has_an_example_and_says_its_shapes(case):
    for part in ("Call arguments:", "Returns:", "Example:\n        ```python"):
        assert part in case[0].__doc__
