"""Configurations of models and their trainings, and facts about corpora."""

from tf_transformer.config.causal_lm_config import CausalLMConfig
from tf_transformer.config.classifier_config import ClassifierConfig
from tf_transformer.config.classifier_training import ClassifierTraining
from tf_transformer.config.config import Config, config_class
from tf_transformer.config.config_file import read_config_file
from tf_transformer.config.corpus_facts import CorpusFacts
from tf_transformer.config.dataset_parts import (
    DatasetPart,
    dataset_parts,
    rename_parts,
    short_name,
)
from tf_transformer.config.language_model_training import LanguageModelTraining
from tf_transformer.config.model_config import ModelConfig, training_class
from tf_transformer.config.presets import PRESETS, make_configs, preset, preset_shape
from tf_transformer.config.processes import Processes
from tf_transformer.config.rnn_config import RNNConfig
from tf_transformer.config.search import (
    AS_GOOD,
    SEARCH,
    is_as_good,
    scores_in_words,
    search_in_words,
)
from tf_transformer.config.training_config import TrainingConfig
from tf_transformer.config.transformer_config import TransformerConfig
from tf_transformer.config.translator_training import TranslatorTraining

__all__ = [
    "AS_GOOD",
    "PRESETS",
    "SEARCH",
    "CausalLMConfig",
    "ClassifierConfig",
    "ClassifierTraining",
    "Config",
    "CorpusFacts",
    "DatasetPart",
    "LanguageModelTraining",
    "ModelConfig",
    "Processes",
    "RNNConfig",
    "TrainingConfig",
    "TransformerConfig",
    "TranslatorTraining",
    "config_class",
    "dataset_parts",
    "is_as_good",
    "make_configs",
    "preset",
    "preset_shape",
    "read_config_file",
    "rename_parts",
    "scores_in_words",
    "search_in_words",
    "short_name",
    "training_class",
]
