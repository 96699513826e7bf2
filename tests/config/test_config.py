import dataclasses
import json
import re

import pytest

from tf_transformer.config import (
    PRESETS,
    RNNConfig,
    TransformerConfig,
    TranslatorTraining,
    preset,
)
from tf_transformer.errors import UserError
from tf_transformer.models import Transformer


def refuses(message):
    """Expect a `UserError` of one line that contains `message`."""
    return pytest.raises(UserError, match=r"^(?=[^\n]*\Z).*" + re.escape(message))


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_valid(name):
    model, training = preset(name)
    assert model == TransformerConfig(**PRESETS[name][0])
    assert training == TranslatorTraining(**PRESETS[name][1])
    assert training.max_length <= model.max_length


def test_presets_are_those_of_the_paper_and_the_tutorial():
    assert set(PRESETS) == {"tiny", "tutorial", "modern", "base", "big"}
    sizes = {n: dataclasses.astuple(preset(n)[0])[2:7] for n in ("tutorial", "base", "big")}
    assert sizes == {
        "tutorial": (4, 128, 8, 512, 0.1),
        "base": (6, 512, 8, 2048, 0.1),
        "big": (6, 1024, 16, 4096, 0.3),
    }


def test_the_modern_preset_has_as_many_weights_as_the_tutorials():
    sizes = [
        Transformer.from_preset(name, vocab_size=8000).count_params()
        for name in ("tutorial", "modern")
    ]
    assert 0.99 < sizes[1] / sizes[0] < 1


def test_overrides_reach_the_configuration_that_has_the_field():
    model, training = preset("tiny", num_layers=3, epochs=2, max_length=64)
    assert (model.num_layers, training.epochs) == (3, 2)
    assert model.max_length == training.max_length == 64


def test_a_preset_trains_another_model():
    model, training = preset("tiny", RNNConfig(cell="lstm"), d_model=32, epochs=2)
    assert model == RNNConfig(cell="lstm", d_model=32)
    assert training == preset("tiny", epochs=2)[1]
    with refuses("'num_heads' is not a configuration field"):
        preset("tiny", RNNConfig(), num_heads=2)
    with refuses("give the configuration of a model that translates"):
        preset("tiny", "rnn")


@pytest.mark.parametrize("config", [*preset("tiny"), *preset("big", tie="none", max_minutes=1.5)])
def test_json_there_and_back(config):
    assert type(config).from_json(config.to_json()) == config
    assert list(json.loads(config.to_json())) == list(config.field_names())


def test_a_copy_may_have_other_values():
    config = TransformerConfig()
    assert config.replace(d_ff=99) == TransformerConfig(d_ff=99)
    with refuses("'dff' is not a field of TransformerConfig: did you mean d_ff"):
        config.replace(dff=99)
    with refuses("d_ff=0"):
        config.replace(d_ff=0)


def test_configurations_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        TransformerConfig().d_model = 64


def test_an_integer_is_a_good_float():
    dropout = TransformerConfig(dropout=0).dropout
    assert (dropout, type(dropout)) == (0.0, float)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"d_model": "128"}, "d_model='128': this field takes an int."),
        ({"num_layers": 2.0}, "num_layers=2.0: this field takes an int."),
        ({"num_layers": True}, "num_layers=True: this field takes an int."),
        ({"dropout": True}, "dropout=True: this field takes a float."),
        ({"norm": None}, "norm=None: this field takes a str."),
        ({"d_model": 100, "num_heads": 8}, "d_model=100 is not divisible by num_heads=8"),
        ({"num_layers": 0}, "num_layers=0: the value must be at least 1."),
        ({"source_vocab_size": 4, "tie": "none"}, "source_vocab_size=4"),
        ({"d_ff": -1}, "d_ff=-1"),
        ({"max_length": 1}, "max_length=1"),
        ({"dropout": 1.0}, "dropout=1.0: the value must be from 0 to below 1."),
        ({"attention_dropout": -0.1}, "attention_dropout=-0.1"),
        ({"feed_forward_dropout": float("nan")}, "feed_forward_dropout=nan"),
        ({"positions": "sinusoid"}, "unknown: did you mean sinusoidal?"),
        ({"norm": "batch"}, "norm='batch' is unknown: choose one of post, pre."),
        ({"activation": "glu"}, "did you mean gelu or geglu or swiglu?"),
        ({"tie": "source"}, "tie='source' is unknown"),
        ({"target_vocab_size": 9}, "tie='all' needs one vocabulary"),
        ({"d_model": 7, "num_heads": 7}, "needs an even width, not 7"),
        ({"d_model": 24, "positions": "rotary"}, "needs an even width, not 3"),
    ],
    ids=str,
)
def test_a_bad_model_is_refused_in_one_line(fields, message):
    with refuses(message):
        TransformerConfig(**fields)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"tokenizer": "word_piece"}, "tokenizer='word_piece' is unknown: did you mean wordpiece"),
        ({"vocab_size": 3}, "vocab_size=3"),
        ({"subword_sampling": -0.1}, "subword_sampling=-0.1"),
        (
            {"subword_sampling": 0.2, "tokenizer": "wordpiece"},
            "subword_sampling=0.2 needs tokenizer=sentencepiece: wordpiece knows only one way",
        ),
        ({"batch_tokens": 0}, "batch_tokens=0"),
        ({"max_length": 4096}, "max_length=4096 is over batch_tokens=2048"),
        ({"epochs": 0}, "epochs=0"),
        ({"epochs": "8"}, "epochs='8': this field takes an int."),
        ({"max_minutes": -1}, "max_minutes=-1"),
        ({"max_minutes": float("nan")}, "max_minutes=nan"),
        ({"learning_rate": float("inf")}, "learning_rate=inf"),
        ({"learning_rate": -0.1}, "learning_rate=-0.1"),
        ({"optimizer": "adamw"}, "optimizer='adamw' is unknown: did you mean adam?"),
        ({"accumulate": 0}, "accumulate=0: the value must be at least 1."),
        ({"warmup_steps": 0}, "warmup_steps=0"),
        ({"schedule": "Noam"}, "did you mean noam?"),
        ({"label_smoothing": 1.5}, "label_smoothing=1.5"),
        ({"clip_norm": -1.0}, "clip_norm=-1.0"),
        ({"weight_decay": -0.1}, "weight_decay=-0.1"),
        ({"ema": 1.0}, "ema=1.0: the value must be from 0 to below 1."),
        ({"average_last": -1}, "average_last=-1"),
        ({"ema": 0.99, "average_last": 5}, "ema=0.99 and average_last=5 are two ways to average"),
        ({"patience": -1}, "patience=-1"),
        ({"bleu_sentences": 0}, "bleu_sentences=0"),
        ({"precision": "bfloat16"}, "did you mean mixed_bfloat16"),
        ({"seed": -1}, "seed=-1"),
        ({"joint_vocabulary": 1}, "joint_vocabulary=1: this field takes a bool."),
    ],
    ids=str,
)
def test_bad_training_is_refused_in_one_line(fields, message):
    with refuses(message):
        TranslatorTraining(**fields)


def test_the_nearest_names_are_offered():
    with refuses("preset 'tutorail' is unknown: did you mean tutorial?"):
        preset("tutorail")
    with refuses("'warmup' is not a configuration field: did you mean warmup_steps?"):
        preset("tiny", warmup=100)
    with refuses("'n_layers' is not a field of TransformerConfig: did you mean num_layers"):
        TransformerConfig.from_dict({"n_layers": 2})


def test_a_name_near_to_none_gets_all_of_them():
    with refuses("choose one of base, big, modern, tiny, tutorial."):
        preset("zzz")


@pytest.mark.parametrize("text", ["", "{", "[1]", "3", "null", '{"nothing": 1}'])
def test_bad_json_is_refused_in_one_line(text):
    with refuses("TransformerConfig"):
        TransformerConfig.from_json(text)


def test_values_from_json_are_checked():
    with refuses("num_layers='two': this field takes an int."):
        TransformerConfig.from_json('{"num_layers": "two"}')
