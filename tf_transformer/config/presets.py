"""Configurations by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tf_transformer.config.config import Config
from tf_transformer.config.model_config import ModelConfig
from tf_transformer.config.transformer_config import TransformerConfig
from tf_transformer.config.translation_config import TranslationConfig
from tf_transformer.config.translator_training import TranslatorTraining
from tf_transformer.errors import require, suggest

# name: (fields of TransformerConfig, fields of TranslatorTraining)
PRESETS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    # The quick start: minutes on two cores. Too few epochs to overfit, hence no dropout.
    "tiny": (
        {"num_layers": 2, "d_model": 128, "num_heads": 4, "d_ff": 512, "dropout": 0.0},
        {"vocab_size": 4000, "epochs": 3, "unseen_share": 0.03}
        | {"schedule": "cosine", "learning_rate": 0.003, "warmup_steps": 200},
    ),
    # The size of TensorFlow's tutorial: an hour on two cores.
    "tutorial": (
        {"num_layers": 4, "d_model": 128, "num_heads": 8, "d_ff": 512},
        {"vocab_size": 8000, "warmup_steps": 1500, "epochs": 20},
    ),
    # The same size, with what gains most in the same time of what has been learned since 2017:
    # docs/since_2017.md has the measurements.
    "modern": (
        {"num_layers": 4, "d_model": 128, "num_heads": 4, "d_ff": 512}
        | {"normalization": "rms_norm", "zero_init": True, "positions": "rotary"},
        {"vocab_size": 8000, "optimizer": "muon", "ema": 0.998, "epochs": 10, "patience": 0}
        | {"schedule": "cosine", "learning_rate": 0.003, "adam_lr_ratio": 3.0}
        | {"warmup_steps": 400},
    ),
    # Table 3 of the paper, rows "base" and "big". They need a GPU and millions of pairs.
    "base": (
        {"num_layers": 6, "d_model": 512, "num_heads": 8, "d_ff": 2048, "norm": "post"},
        {"vocab_size": 32000, "batch_tokens": 25000, "epochs": 30},
    ),
    "big": (
        {"num_layers": 6, "d_model": 1024, "num_heads": 16, "d_ff": 4096, "norm": "post"}
        | {"dropout": 0.3},
        {"vocab_size": 32000, "batch_tokens": 25000, "epochs": 60},
    ),
}

FINE_TUNING: dict[str, Any] = {
    "epochs": 10,
    "patience": 0,
    "schedule": "cosine",
    "learning_rate": 3e-4,
    "warmup_steps": 30,
    "ema": 0.99,
}
"""Fields of TranslatorTraining: minutes of training, in small steps that forget little."""


def make_configs(
    fields: Mapping[type[Config], Mapping[str, Any]], overrides: Mapping[str, Any]
) -> list[Config]:
    """Make configurations, setting each field in all that have it.

    Args:
        fields: the fields of each class of configuration.
        overrides: fields of any of them that differ.

    Raises:
        UserError: for an unknown field (with the nearest names) or a bad value.
    """
    known = {field for config in fields for field in config.field_names()}
    for field in overrides:
        require(field in known, f"{field!r} is not a configuration field: {suggest(field, known)}")
    return [
        config(**values | {f: v for f, v in overrides.items() if f in config.field_names()})
        for config, values in fields.items()
    ]


def preset_shape(name: str, model_config: type[ModelConfig]) -> dict[str, Any]:
    """Return the shape of a preset's model.

    Args:
        name: one of `PRESETS`.
        model_config: class of the model's configuration.

    Returns:
        The preset's values of the fields that this class has.

    Raises:
        UserError: for an unknown preset (with the nearest names).

    Example:
        ```python
        import tf_transformer as tft

        shape = tft.config.preset_shape("base", tft.TransformerConfig)
        shape["d_model"]  # 512
        ```
    """
    require(name in PRESETS, f"preset {name!r} is unknown: {suggest(name, PRESETS)}")
    shape, _ = PRESETS[name]
    return {field: shape[field] for field in shape if field in model_config.field_names()}


def preset(
    name: str, model: TranslationConfig | None = None, **overrides: Any
) -> tuple[TranslationConfig, TranslatorTraining]:
    """Return the two configurations of a preset.

    Args:
        name: one of `PRESETS`.
        model: configuration of a model that replaces the preset's. Defaults to none.
        **overrides: fields of either configuration that differ from the preset.

    Returns:
        `(TransformerConfig, TranslatorTraining)`; with `model`, a configuration of its class in
        place of the first.

    Raises:
        UserError: for an unknown preset or field (with the nearest names) or a bad value.

    Example:
        ```python
        import tf_transformer as tft

        model_config, training_config = tft.preset("tiny", epochs=1, max_length=64)
        tft.preset("tiny", model=tft.RNNConfig(), cell="lstm")[0].cell  # 'lstm'
        ```
    """
    shapes = {TransformerConfig: preset_shape(name, TransformerConfig)}
    if model is not None:
        require(
            isinstance(model, TranslationConfig),
            f"model={model!r}: give the configuration of a model that translates, such as "
            "RNNConfig().",
        )
        shapes = {type(model): model.to_dict()}
    model, training = make_configs(shapes | {TranslatorTraining: PRESETS[name][1]}, overrides)
    require(
        model.tie != "all" or training.joint_vocabulary,
        "tie='all' needs one vocabulary for both sides: set joint_vocabulary=true or tie=target.",
    )
    return model, training
