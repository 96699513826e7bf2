"""The Transformer in Keras 3 and TensorFlow: from parallel text to a served translation model.

```python
import tf_transformer as tft

translator = tft.train("phrasebook", preset="tiny", run_dir="runs/phrasebook-tiny")
translator("Quem vendeu a casa azul?")  # 'Who sold the blue house?'
translator.export("saved_models/phrasebook-tiny")
tft.load("saved_models/phrasebook-tiny")("Quem vendeu a casa azul?")
```

Each name is imported when it is first used. Layers, models, losses and metrics need only Keras, on
any of its backends; text, data, training and export need TensorFlow. Everything else is in a
sub-package: `tft.layers`, `tft.data`, `tft.decoding`, …
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tf_transformer.quiet_start import keep_tensorflow_quiet
from tf_transformer.registration import register_with_keras

if TYPE_CHECKING:  # for editors: the names that `__getattr__` finds
    # ruff: noqa: F401
    from tf_transformer import (
        cli,
        config,
        data,
        decoding,
        evaluation,
        export,
        layers,
        losses,
        metrics,
        models,
        optimizers,
        page,
        phrasebook,
        plots,
        preparation,
        pretrained,
        schedules,
        serving,
        tasks,
        tensorboard,
        text,
        training,
    )
    from tf_transformer.api import from_pretrained, load, train
    from tf_transformer.config import (
        PRESETS,
        CausalLMConfig,
        ClassifierConfig,
        RNNConfig,
        TransformerConfig,
        preset,
    )
    from tf_transformer.data import load_corpus
    from tf_transformer.errors import UserError
    from tf_transformer.evaluation import evaluate, score
    from tf_transformer.export import export_saved_model, load_saved_model
    from tf_transformer.models import (
        CausalLM,
        RNNTranslator,
        SkipGram,
        Transformer,
        TransformerClassifier,
    )
    from tf_transformer.preparation import prepare
    from tf_transformer.tasks import Completer, TextClassifier, Translator
    from tf_transformer.text import (
        END,
        PAD,
        START,
        UNKNOWN,
        load_tokenizers,
        save_tokenizers,
        train_tokenizers,
    )
    from tf_transformer.training import Run

    __version__: str

_NAMES = {
    "api": ("from_pretrained", "load", "train"),
    "config": (
        "PRESETS",
        "CausalLMConfig",
        "ClassifierConfig",
        "RNNConfig",
        "TransformerConfig",
        "preset",
    ),
    "data": ("load_corpus",),
    "errors": ("UserError",),
    "evaluation": ("evaluate", "score"),
    "export": ("export_saved_model", "load_saved_model"),
    "models": ("CausalLM", "RNNTranslator", "SkipGram", "Transformer", "TransformerClassifier"),
    "preparation": ("prepare",),
    "tasks": ("Completer", "TextClassifier", "Translator"),
    "text": (
        "END",
        "PAD",
        "START",
        "UNKNOWN",
        "load_tokenizers",
        "save_tokenizers",
        "train_tokenizers",
    ),
    "training": ("Run",),
}
_HOMES = {name: module for module, names in _NAMES.items() for name in names}
_PACKAGES = (
    "cli",
    "config",
    "data",
    "decoding",
    "evaluation",
    "export",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "page",
    "phrasebook",
    "plots",
    "preparation",
    "pretrained",
    "schedules",
    "serving",
    "tasks",
    "tensorboard",
    "text",
    "training",
)

__all__ = sorted([*_HOMES, *_PACKAGES])


def __getattr__(name: str) -> Any:
    if name in _PACKAGES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("tf-transformer")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


keep_tensorflow_quiet()
register_with_keras()
