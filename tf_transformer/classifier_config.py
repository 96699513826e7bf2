"""Everything that can be chosen about a classifier of texts and its training."""

from __future__ import annotations

import dataclasses

from tf_transformer.config import TrainingConfig, require
from tf_transformer.stack_config import StackConfig


@dataclasses.dataclass(frozen=True)
class ClassifierConfig(StackConfig):
    """The shape of a `TransformerClassifier`.

    Args:
        num_classes: number of classes. Set from the data.
        word_dropout: rate at which tokens are hidden from attention and pooling in training.
        **fields: those of `StackConfig`. `max_length` is the most tokens of a text; longer ones
            are cut.

    Raises:
        UserError: for values that cannot work.

    Reference:
        Iyyer et al. 2015, *Deep Unordered Composition Rivals Syntactic Methods for Text
        Classification* (word dropout).
    """

    num_classes: int = 2
    word_dropout: float = 0.2
    num_layers: int = 2
    d_ff: int = 256
    dropout: float = 0.3
    max_length: int = 128

    def _check(self):
        super()._check()
        self._check_range("num_classes", 2)
        self._check_range("word_dropout", 0, 1)


@dataclasses.dataclass(frozen=True)
class ClassifierTraining(TrainingConfig):
    """How a classifier is trained: a `TrainingConfig` with other defaults.

    The best model is that which classifies most texts right of those held out of `train`.

    Args:
        **fields: those of `TrainingConfig`. `joint_vocabulary`, `text_form`, `subword_sampling`
            and `bleu_sentences` are for translation alone.

    Raises:
        UserError: for values that cannot work.
    """

    tokenizer: str = "wordpiece"
    vocab_size: int = 16000
    epochs: int = 10
    learning_rate: float = 0.001
    warmup_steps: int = 100
    schedule: str = "cosine"
    ema: float = 0.99
    patience: int = 3

    def _check(self):
        super()._check()
        require(
            self.text_form in ("", "plain") and not self.subword_sampling,
            "text_form and subword_sampling are for translation alone.",
        )
