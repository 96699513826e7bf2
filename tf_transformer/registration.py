"""Where Keras finds our classes, by the names that saved models know them by.

`keras.models.load_model` looks a class up by its registered name. A class registers itself when its
module is imported; until then a stand-in, which imports the module when a model needs it, takes its
place. So `import tf_transformer` is enough to open any model of ours, and imports no framework.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

import wrapt

# module of this package: registered classes that it has
CLASSES = {
    "layers": (
        "AdditiveAttention",
        "CausalDecoder",
        "CausalDecoderLayer",
        "Decoder",
        "DecoderLayer",
        "Dense",
        "Encoder",
        "EncoderLayer",
        "FeedForward",
        "MultiHeadAttention",
        "MultiplicativeAttention",
        "PositionalEmbedding",
        "RecurrentDecoder",
        "RecurrentEncoder",
        "Residual",
    ),
    "models": ("CausalLM", "RNNTranslator", "SkipGram", "Transformer", "TransformerClassifier"),
    "losses": ("SmoothedCrossEntropy",),
    "metrics": ("Perplexity", "TokenAccuracy", "TokenLoss"),
    "optimizers": ("Adam", "AveragedAdam", "AveragedMuon", "Muon"),
    "schedules": ("Cosine", "Noam"),
}


class _StandIn:
    """Stands for a class whose module need not be imported yet.

    Args:
        module: name of the module, within this package.
        name: name of the class.
    """

    def __init__(self, module: str, name: str) -> None:
        self._module = module
        self._name = name

    def from_config(self, config: dict[str, Any]) -> Any:
        module = importlib.import_module(f"{__package__}.{self._module}")
        return getattr(module, self._name).from_config(config)


def register_with_keras() -> None:
    """Let Keras know the names of all our classes: now, or as soon as somebody imports it."""
    wrapt.register_post_import_hook(_register, "keras")


def _register(keras: ModuleType) -> None:
    known = keras.saving.get_custom_objects()
    for module, names in CLASSES.items():
        for name in names:
            known.setdefault(f"{__package__}>{name}", _StandIn(module, name))
