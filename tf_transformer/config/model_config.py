"""The base of the configurations of all token models."""

from __future__ import annotations

from tf_transformer.config.config import Config
from tf_transformer.config.training_config import TrainingConfig


class ModelConfig(Config):
    """The base of the configurations of all token models.

    A subclass sets three attributes of the class:

        title     the name of such models
        task      what they do with text: "translator", "completer" or "classifier"
        training  the class that configures their training
        logit_cap the limit of their logits: 0 for no limit, unless it is a field

    Example:
        ```python
        import tf_transformer as tft

        tft.CausalLMConfig().task  # "completer"
        tft.TransformerConfig.training  # TranslatorTraining
        ```
    """

    title: str
    task: str
    training: type[TrainingConfig]
    logit_cap = 0.0


def training_class(model_config: type[ModelConfig] | ModelConfig) -> type[TrainingConfig]:
    """Return the class that configures the training of a model.

    Args:
        model_config: the model's configuration, or its class.

    Example:
        ```python
        import tf_transformer as tft

        tft.config.training_class(tft.config.CausalLMConfig)  # LanguageModelTraining
        ```
    """
    return model_config.training
