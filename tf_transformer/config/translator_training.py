"""How a translation model is trained."""

from __future__ import annotations

import dataclasses
from typing import Literal

from tf_transformer.config.field_types import Amount, Count, Rate, Size
from tf_transformer.config.training_config import TrainingConfig
from tf_transformer.errors import require

Directions = Literal["one", "both"]
TextFormName = Literal["", "plain", "treebank", "ted_hrlr"]


@dataclasses.dataclass(frozen=True)
class TranslatorTraining(TrainingConfig):
    """How a translation model is trained.

    The best model has the highest validation BLEU.

    Args:
        **fields: fields of `TrainingConfig`. `vocab_size` counts the ids of each side if the
            vocabulary is not joint; `max_length` limits source and target, and longer pairs are
            left out.
        joint_vocabulary: whether both languages share one vocabulary.
        text_form: how the text of the corpus is written: `"plain"` as people write, `"treebank"` in
            lower-cased words, or `"ted_hrlr"`; empty means the known form of the data set.
        subword_sampling: exponent of the probabilities with which each epoch splits the training
            text at random; 0 means the best split in all epochs. 0.1 to 0.5 is usual. The lower it
            is, the more random are the splits, and the more tokens there are (about 40% more at
            0.2, 6% at 0.5).
        bleu_sentences: validation sentences to translate after each epoch.
        unseen_share: share of the training pairs that come a second time, with placeholders for
            words that occur on both sides; 0 means none. They teach a model where to put words that
            training never showed, which placeholders hide. SentencePiece only: other vocabularies
            do without.
        max_pairs: training pairs of each corpus to learn from, the first ones; 0 for all.
        directions: `"one"`, or `"both"` to translate in the other direction too, with the same
            model: see `Mixture`.
        max_shapes: most shapes of batches; more shapes mean less padding. XLA, which JAX and GPUs
            use, compiles a step for each.

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
    max_pairs: Count = 0
    directions: Directions = "one"
    max_shapes: Size = 16

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
