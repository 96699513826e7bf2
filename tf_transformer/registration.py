"""The registration of our classes with Keras, under the names that saved models use.

`keras.models.load_model` looks a class up by its registered name. A class registers itself when its
module is imported. Until then, a stand-in takes its place, which imports the module when a model
needs it. Thus `import tf_transformer` is enough to open any of our models, without importing a
framework.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

import wrapt

# module of this package: its registered classes
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
    """Stands in for a class whose module is not imported yet.

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
    """Register the names of all our classes with Keras, now or when Keras is imported."""
    wrapt.register_post_import_hook(_register, "keras")


def _register(keras: ModuleType) -> None:
    known = keras.saving.get_custom_objects()
    for module, names in CLASSES.items():
        for name in names:
            known.setdefault(f"{__package__}>{name}", _StandIn(module, name))
