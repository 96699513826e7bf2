"""What the configurations of all token models have in common."""

from __future__ import annotations

from tf_transformer.config.config import Config
from tf_transformer.config.training_config import TrainingConfig


class ModelConfig(Config):
    """What the configurations of all token models have in common.

    A subclass sets three attributes of the class:

        title     what such a model is called
        task      what it does with text: "translator", "completer" or "classifier"
        training  the class of its training's configuration
        logit_cap what its logits stay below: 0 for no limit, unless it is a field

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
        model_config: the model's configuration, or the class of that.

    Example:
        ```python
        import tf_transformer as tft

        tft.config.training_class(tft.config.CausalLMConfig)  # LanguageModelTraining
        ```
    """
    return model_config.training
