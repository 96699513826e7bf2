"""How a language model is trained."""

from __future__ import annotations

import dataclasses

from tf_transformer.config.field_types import Amount, Count, Length, Rate, Size
from tf_transformer.config.training_config import ScheduleKind, TokenizerKind, TrainingConfig


@dataclasses.dataclass(frozen=True)
class LanguageModelTraining(TrainingConfig):
    """How a language model is trained: a `TrainingConfig` with other defaults.

    An epoch is `steps_per_epoch` batches of blocks: the text is read continuously, across epochs.
    The best model has the lowest validation loss.

    Args:
        **fields: fields of `TrainingConfig`. `batch_tokens` counts the tokens of all blocks of a
            batch, `max_length` those of a block.

    Raises:
        UserError: for values that cannot work.

    Example:
        ```python
        import tf_transformer as tft

        tft.config.LanguageModelTraining(epochs=2, tokenizer="sentencepiece", vocab_size=2000)
        ```
    """

    tokenizer: TokenizerKind = "characters"
    batch_tokens: Length = 768
    max_length: Length = 64
    epochs: Size = 8
    learning_rate: Amount = 0.002
    warmup_steps: Size = 100
    schedule: ScheduleKind = "cosine"
    label_smoothing: Rate = 0.0
    patience: Count = 0
    xla: bool = True  # all batches have one shape
    steps_per_epoch: Count = 250
