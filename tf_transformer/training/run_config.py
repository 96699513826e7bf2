"""The contents of a run's `config.json`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tf_transformer.config import (
    CausalLMConfig,
    ClassifierConfig,
    CorpusFacts,
    ModelConfig,
    RNNConfig,
    TrainingConfig,
    TransformerConfig,
    TranslatorTraining,
    config_class,
    short_name,
    training_class,
)
from tf_transformer.errors import require

# Older versions had these in the trainings of all models.
_FOR_TRANSLATION = {*TranslatorTraining.field_names()} - {*TrainingConfig.field_names()}


@dataclasses.dataclass(frozen=True)
class RunConfig:
    """The contents of a run's `config.json`.

    Args:
        dataset: name of the corpus, as the user gave it.
        model: the model's configuration.
        training: the configuration of its training.
        recipe: name of the recipe file that they came from. Defaults to none.
        corpus: the facts about the corpus. Defaults to none, as in old runs.
        preset: name of the preset that they came from. Defaults to none.
        init_from: the run that the model started from. Defaults to none: it started at random.
    """

    dataset: str
    model: ModelConfig
    training: TrainingConfig
    recipe: str | None = None
    corpus: CorpusFacts | None = None
    preset: str | None = None
    init_from: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as a dictionary of plain Python values."""
        corpus = {"corpus": self.corpus.to_dict()} if self.corpus else {}
        return {
            "recipe": self.recipe,
            **({"preset": self.preset} if self.preset else {}),
            **({"init_from": self.init_from} if self.init_from else {}),
            "dataset": self.dataset,
            **corpus,
            "model_config": type(self.model).__name__,
            "model": self.model.to_dict(),
            "training": self.training.to_dict(),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], path: Path) -> RunConfig:
        """Make it from the result of `to_dict`, also that of earlier versions.

        Args:
            values: the values, read from JSON.
            path: where they were read, for messages.

        Raises:
            UserError: if anything is missing or unknown (with the nearest names).
        """
        dataset, model, training = (values[key] for key in ("dataset", "model", "training"))
        corpus = values.get("corpus")
        model_class = _model_class(values, path)
        fields = training_class(model_class).field_names()
        retired = _FOR_TRANSLATION.difference(fields)
        return cls(
            dataset,
            model_class.from_dict(model),
            training_class(model_class).from_dict(
                {name: value for name, value in training.items() if name not in retired}
            ),
            values.get("recipe"),
            corpus and CorpusFacts.from_dict(corpus),
            values.get("preset"),
            values.get("init_from"),
        )


def _model_class(values: Mapping[str, Any], path: Path) -> type[ModelConfig]:
    """Return the class that is named or, in the oldest runs, the one with such fields."""
    if "model_config" in values:
        found = config_class(values["model_config"])
        require(
            issubclass(found, ModelConfig),
            f"{path} is damaged: {found.__name__} does not configure a model.",
        )
        return found
    for field, found in _SIGNS.items():
        if field in values["model"]:
            return found
    return TransformerConfig


_SIGNS = {"num_classes": ClassifierConfig, "vocab_size": CausalLMConfig, "cell": RNNConfig}


def without_folders(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the contents of a `config.json`, without the folders of the user's own files."""
    name = short_name(values["dataset"])
    if "init_from" in values:
        values = {**values, "init_from": short_name(values["init_from"])}
    if "corpus" not in values:
        return {**values, "dataset": name}
    corpus = values["corpus"] | {"name": name}
    if "parts" in corpus:
        corpus["parts"] = [part | {"name": short_name(part["name"])} for part in corpus["parts"]]
    return {**values, "dataset": name, "corpus": corpus}
