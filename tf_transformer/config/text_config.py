"""The base of the configurations of models that read one text."""

from __future__ import annotations

import dataclasses

from tf_transformer.config.field_types import VocabularySize
from tf_transformer.config.model_config import ModelConfig


@dataclasses.dataclass(frozen=True)
class TextConfig(ModelConfig):
    """The base of the configurations of models that read one text: a vocabulary.

    Args:
        vocab_size: number of token ids. Set from the tokenizer.
    """

    vocab_size: VocabularySize = 8000
