"""What holds for all models of token ids."""

import gc

import keras
import numpy as np
import pytest

from tests import reference
from tf_transformer.errors import UserError
from tf_transformer.models import (
    CausalLM,
    RNNTranslator,
    SkipGram,
    Transformer,
    TransformerClassifier,
)

SOURCE, TARGET = np.array([[5, 9, 3], [8, 3, 0]]), np.array([[2, 6], [2, 7]])
SMALL = {"d_model": 16, "num_layers": 1, "max_length": 8}
PAIRS, TEXTS = (SOURCE, TARGET), SOURCE
MODELS = {Transformer: PAIRS, RNNTranslator: PAIRS, CausalLM: TEXTS, TransformerClassifier: TEXTS}

every_model = pytest.mark.parametrize(("cls", "inputs"), MODELS.items(), ids=lambda x: str(x))


@pytest.mark.parametrize("cls", MODELS)
def test_a_preset_gives_the_shape_and_fields_change_it(cls):
    model = cls.from_preset("tiny", vocab_size=50, d_model=32)
    assert model.config.d_model == 32
    assert {v for k, v in model.config.to_dict().items() if "vocab_size" in k} == {50}
    if cls is not RNNTranslator:
        assert model.config.d_ff == 512


@pytest.mark.parametrize("cls", MODELS)
def test_an_unknown_preset_or_field_names_the_nearest(cls):
    with pytest.raises(UserError, match="did you mean tiny"):
        cls.from_preset("tinny")
    with pytest.raises(UserError, match="did you mean d_model"):
        cls.from_preset("tiny", d_modell=32)


def test_a_preset_takes_a_dtype_policy():
    model = Transformer.from_preset("tiny", vocab_size=50, dtype="mixed_bfloat16", **SMALL)
    assert model.dtype_policy.name == model.encoder.dtype_policy.name == "mixed_bfloat16"


@pytest.mark.parametrize(("cls", "inputs"), MODELS.items())
def test_training_reaches_every_dropout_through_the_model_alone(cls, inputs):
    model = cls({**SMALL, "dropout": 0.5})
    reference.randomize(model)
    still = np.array(model(inputs))
    np.testing.assert_array_equal(model(inputs, training=False), still)
    assert np.abs(np.array(model(inputs, training=True)) - still).max() > 1e-3


@pytest.mark.parametrize(("cls", "inputs"), MODELS.items())
def test_training_reaches_every_dropout_of_a_stateless_call(cls, inputs):
    model = cls({**SMALL, "dropout": 0.5})
    reference.randomize(model)
    variables = [
        [variable.value for variable in each]
        for each in (model.trainable_variables, model.non_trainable_variables)
    ]
    outputs = [model.stateless_call(*variables, inputs, training=flag)[0] for flag in (False, True)]
    assert np.abs(np.array(outputs[1]) - np.array(outputs[0])).max() > 1e-3


@pytest.mark.parametrize(("cls", "inputs"), MODELS.items())
def test_a_quantized_model_answers_nearly_the_same_and_survives_saving(
    cls, inputs, tmp_path, monkeypatch
):
    monkeypatch.setattr(gc, "collect", lambda: 0)  # Keras calls it for each layer: seconds in all
    model = reference.randomize(cls({**SMALL, "d_model": 32}))
    exact = np.array(model(inputs))
    model.quantize("int8")
    rough = np.array(model(inputs))
    assert 0 < np.abs(rough - exact).max() < 0.1 * np.abs(exact).max()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded(inputs), rough, atol=1e-5)


def refuses(message):
    """Expect a `UserError` of one line that contains `message`."""
    return pytest.raises(UserError, match=rf"^(?=[^\n]*\Z).*{message}")


@pytest.mark.parametrize("cls", MODELS)
def test_a_model_is_made_of_a_configuration_alone(cls):
    name = cls.config_class.__name__
    with refuses(rf"{cls.__name__}\(num_layers=…\): fields .*{name}\(num_layers=…\)"):
        cls(num_layers=2)
    with refuses("fields belong in a configuration"):
        cls(cls.config_class(), d_model=16)
    for other in (None, "tiny", cls.config_class, SkipGram):
        with refuses(f"{cls.__name__} takes a {name} or its dictionary, .*from_preset"):
            cls(other)


@pytest.mark.parametrize(("cls", "inputs"), MODELS.items())
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda ids: ids[0], r"_ids has the shape \(\d,\): token ids are \(batch, length\)"),
        (lambda ids: ids * 1.0, "_ids has the dtype float64: token ids are ints"),
        (lambda ids: ids.tolist(), "_ids takes an array of ints, .* not a value of type list"),
        (lambda ids: "bom dia", "_ids takes an array of ints, .* not a value of type str"),
        (lambda ids: keras.Input((None,)), "_ids has the dtype float32"),
        (lambda ids: ids + 9000, "has the id 900[0-9], but ids go from 0 to 7999"),
    ],
    ids=["rank", "floats", "list", "text", "input", "unknown"],
)
def test_what_is_no_token_ids_is_refused(cls, inputs, change, message):
    wrong = tuple(map(change, inputs)) if isinstance(inputs, tuple) else change(inputs)
    with refuses(message):
        cls(SMALL)(wrong)


def test_sources_and_targets_have_as_many_rows():
    with refuses("source_ids has 2 rows, but target_ids has 1 row"):
        Transformer(SMALL)((SOURCE, TARGET[:1]))


def test_a_model_of_one_text_takes_one_tensor():
    with refuses("not a value of type tuple"):
        CausalLM(SMALL)((SOURCE, TARGET))
