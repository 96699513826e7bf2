"""Configurations are found by their names, and say what belongs together."""

import dataclasses
import typing

import pytest

from tf_transformer import config as package
from tf_transformer.config import (
    CausalLMConfig,
    ClassifierConfig,
    ClassifierTraining,
    Config,
    LanguageModelTraining,
    RNNConfig,
    TrainingConfig,
    TransformerConfig,
    TranslatorTraining,
    config_class,
    make_configs,
    preset_shape,
    training_class,
)
from tf_transformer.errors import UserError

CLASSES = [each for each in vars(package).values() if isinstance(each, type)]
CONFIGS = [each for each in CLASSES if issubclass(each, Config) and dataclasses.is_dataclass(each)]
CHOICES = [
    (config, field)
    for config in CONFIGS
    for field, hint in typing.get_type_hints(config).items()
    if typing.get_origin(hint) is typing.Literal
]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.__name__)
def test_every_class_is_found_by_its_name_and_its_json_comes_back(config):
    assert config_class(config.__name__) is config
    assert config.from_json(config().to_json()) == config()
    assert hash(config()) == hash(config())


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(UserError, match="'CasualLMConfig' is unknown: did you mean CausalLMConfig"):
        config_class("CasualLMConfig")


@pytest.mark.parametrize(
    ("model", "training", "task"),
    [
        (TransformerConfig, TranslatorTraining, "translator"),
        (RNNConfig, TranslatorTraining, "translator"),
        (CausalLMConfig, LanguageModelTraining, "completer"),
        (ClassifierConfig, ClassifierTraining, "classifier"),
    ],
)
def test_a_model_knows_how_it_is_trained_and_what_for(model, training, task):
    assert training_class(model) is training_class(model()) is training
    assert model.task == model().task == task
    assert model().title


@pytest.mark.parametrize(
    ("config", "field"), CHOICES, ids=lambda value: getattr(value, "__name__", value)
)
def test_a_choice_takes_what_its_type_lists_and_refuses_the_rest_with_the_nearest(config, field):
    choices = typing.get_args(typing.get_type_hints(config)[field])
    assert getattr(config(), field) in choices
    for choice in filter(None, choices):
        with pytest.raises(UserError, match=rf"{field}='{choice}x' is unknown: .*\b{choice}\b"):
            config(**{field: f"{choice}x"})
    with pytest.raises(UserError, match=f"{field}=3: this field takes a str"):
        config(**{field: 3})


def test_there_are_choices_to_try():
    assert {field for _, field in CHOICES} >= {
        *("positions", "norm", "normalization", "activation", "tie", "cell", "optimizer")
    }


def test_what_all_trainings_have_is_listed_once():
    shared = TrainingConfig.field_names()
    for training in (TranslatorTraining, LanguageModelTraining, ClassifierTraining):
        assert training.field_names()[: len(shared)] == shared
    assert TranslatorTraining.field_names()[len(shared) :] == (
        "joint_vocabulary",
        "text_form",
        "subword_sampling",
        "bleu_sentences",
        "unseen_share",
        "max_pairs",
        "directions",
        "max_shapes",
    )
    assert LanguageModelTraining.field_names() == ClassifierTraining.field_names() == shared


def test_fields_have_the_order_that_files_and_tables_have_always_shown():
    stack = (
        *("num_layers", "d_model", "num_heads", "d_ff"),
        *("dropout", "attention_dropout", "feed_forward_dropout"),
        *("positions", "norm", "activation"),
        *("normalization", "qk_norm", "num_kv_heads", "zero_init", "logit_cap"),
    )
    pair = ("source_vocab_size", "target_vocab_size")
    assert TransformerConfig.field_names() == (
        *(*pair, *stack, "tie", "max_length"),
        *("encoder_layers", "decoder_layers"),
    )
    assert CausalLMConfig.field_names() == ("vocab_size", *stack, "max_length", "tie")
    labels = ("num_classes", "word_dropout")
    assert ClassifierConfig.field_names() == ("vocab_size", *stack, "max_length", *labels)
    rest = ("num_layers", "d_model", "cell", "attention", "dropout", "tie", "max_length")
    assert RNNConfig.field_names() == (*pair, *rest)


def test_models_keep_the_defaults_that_they_have_always_had():
    later = ("layer_norm", False, 0, False, 0.0)  # what came after is off
    assert dataclasses.astuple(TransformerConfig()) == (
        *(8000, 8000, 4, 128, 8, 512, 0.1, 0.0, 0.0),
        *("sinusoidal", "pre", "relu", *later, "all", 256, 0, 0),
    )
    assert dataclasses.astuple(CausalLMConfig()) == (
        *(8000, 4, 128, 4, 512, 0.0, 0.0, 0.0, "rotary", "pre", "gelu", *later, 64, True),
    )
    assert dataclasses.astuple(ClassifierConfig()) == (
        *(8000, 2, 128, 4, 256, 0.3, 0.0, 0.0, "rotary", "pre", "gelu", *later, 128, 2, 0.2),
    )


def test_fields_of_translation_are_unknown_to_other_trainings():
    with pytest.raises(UserError, match="'text_form' is not a field of ClassifierTraining"):
        ClassifierTraining().replace(text_form="treebank")
    with pytest.raises(UserError, match="'subword_sampling' is not a configuration field"):
        make_configs({LanguageModelTraining: {}}, {"subword_sampling": 0.2})


@pytest.mark.parametrize(
    ("config", "fields", "says"),
    [
        (CausalLMConfig, {"vocab_size": 4}, "vocab_size=4: the value must be at least 5"),
        (CausalLMConfig, {"tie": "all"}, "tie='all': this field takes a bool"),
        (ClassifierConfig, {"num_classes": 1}, "num_classes=1: the value must be at least 2"),
        (ClassifierConfig, {"word_dropout": 1.0}, "word_dropout=1.0: the value must be from 0 to"),
        (ClassifierConfig, {"d_model": 30}, "d_model=30 is not divisible by num_heads=4"),
        (LanguageModelTraining, {"steps_per_epoch": -1}, "steps_per_epoch=-1"),
        (LanguageModelTraining, {"batch_tokens": 32}, "max_length=64 is over batch_tokens=32"),
    ],
    ids=str,
)
def test_values_that_cannot_work_are_refused(config, fields, says):
    with pytest.raises(UserError, match=says):
        config(**fields)


def test_a_preset_gives_any_model_the_fields_that_it_has():
    assert preset_shape("tiny", RNNConfig) == {"num_layers": 2, "d_model": 128, "dropout": 0.0}
    assert preset_shape("big", CausalLMConfig)["num_heads"] == 16
