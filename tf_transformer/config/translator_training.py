"""How a translation model is trained."""

from __future__ import annotations

import dataclasses
from typing import Literal

from tf_transformer.config.field_types import Amount, Rate, Size
from tf_transformer.config.training_config import TrainingConfig
from tf_transformer.errors import require

Directions = Literal["one", "both"]
TextFormName = Literal["", "plain", "treebank", "ted_hrlr"]


@dataclasses.dataclass(frozen=True)
class TranslatorTraining(TrainingConfig):
    """How a translation model is trained.

    The best model is that of the best validation BLEU.

    Args:
        **fields: those of `TrainingConfig`. `vocab_size` is that of each side if the vocabulary is
            not joint; `max_length` is of source or target, and longer pairs are left out.
        joint_vocabulary: one vocabulary for both languages.
        text_form: how the text of the corpus is written: `"plain"`, as people write, `"treebank"`,
            in lower-cased words, or `"ted_hrlr"`; empty for what is known of the data set.
        subword_sampling: exponent of the probabilities by which the training text is split anew in
            each epoch; 0 for the best split in all epochs. 0.1 to 0.5 is usual: the less, the more
            at random, and the more tokens (at 0.2 some 40% more, at 0.5 some 6%).
        bleu_sentences: validation sentences that are translated after each epoch.
        unseen_share: share of the training pairs that come a second time, with placeholders for
            words that stand in both sides. From them a model learns where the words belong that
            training has never shown, which are hidden behind placeholders; 0 for none. It needs
            SentencePiece: other vocabularies go without.
        directions: `"one"`, or `"both"` to translate in the other direction, too, by the same
            model: see `Mixture`.

    Raises:
        UserError: for values that cannot work.

    Example:
        ```python
        import tf_transformer as tft

        tft.config.TranslatorTraining(epochs=3, schedule="cosine", learning_rate=0.003)
        ```
    """

    joint_vocabulary: bool = True
    text_form: TextFormName = ""
    subword_sampling: Amount = 0.0
    bleu_sentences: Size = 300
    unseen_share: Rate = 0.0
    directions: Directions = "one"

    def _check(self) -> None:
        super()._check()
        require(
            self.tokenizer == "sentencepiece" or not self.subword_sampling,
            f"subword_sampling={self.subword_sampling:g} needs tokenizer=sentencepiece: "
            f"{self.tokenizer} knows only one way to split a text.",
        )
        require(
            self.directions == "one"
            or (self.tokenizer == "sentencepiece" and self.joint_vocabulary),
            "directions=both needs one vocabulary with tags: set tokenizer=sentencepiece and "
            "joint_vocabulary=true.",
        )
