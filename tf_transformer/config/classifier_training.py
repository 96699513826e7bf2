"""How a classifier is trained."""

from __future__ import annotations

import dataclasses

from tf_transformer.config.field_types import Amount, Count, Rate, Size, VocabularySize
from tf_transformer.config.training_config import ScheduleKind, TokenizerKind, TrainingConfig


@dataclasses.dataclass(frozen=True)
class ClassifierTraining(TrainingConfig):
    """How a classifier is trained: a `TrainingConfig` with other defaults.

    The best model is the one that classifies the most validation texts right.

    Args:
        **fields: fields of `TrainingConfig`.

    Raises:
        UserError: for values that cannot work.

    Example:
        ```python
        import tf_transformer as tft

        tft.config.ClassifierTraining(epochs=3, vocab_size=4000)
        ```
    """

    tokenizer: TokenizerKind = "wordpiece"
    vocab_size: VocabularySize = 16000
    epochs: Size = 10
    learning_rate: Amount = 0.001
    warmup_steps: Size = 100
    schedule: ScheduleKind = "cosine"
    ema: Rate = 0.99
    patience: Count = 3
