"""The base of the configurations of translation models."""

from __future__ import annotations

import dataclasses

from tf_transformer.config.field_types import VocabularySize
from tf_transformer.config.model_config import ModelConfig
from tf_transformer.config.translator_training import TranslatorTraining
from tf_transformer.errors import require


@dataclasses.dataclass(frozen=True)
class TranslationConfig(ModelConfig):
    """The base of the configurations of translation models: two vocabularies.

    A subclass has a field `tie`, which tells which tables of the vocabularies are shared.

    Args:
        source_vocab_size: number of source token ids. Set from the tokenizer.
        target_vocab_size: number of target token ids. Set from the tokenizer.

    Raises:
        UserError: for values that cannot work.
    """

    source_vocab_size: VocabularySize = 8000
    target_vocab_size: VocabularySize = 8000

    task = "translator"
    training = TranslatorTraining

    def _check(self) -> None:
        super()._check()
        require(
            self.tie != "all" or self.source_vocab_size == self.target_vocab_size,
            f"tie='all' needs one vocabulary for both sides, not {self.source_vocab_size} source "
            f"and {self.target_vocab_size} target ids: set joint_vocabulary=true or tie=target.",
        )
