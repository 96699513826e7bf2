"""The shape of a classifier of texts."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from tf_transformer.config.classifier_training import ClassifierTraining
from tf_transformer.config.field_types import Length, Range, Rate, Size
from tf_transformer.config.stack_config import Activation, Positions, StackConfig
from tf_transformer.config.text_config import TextConfig


@dataclasses.dataclass(frozen=True)
class ClassifierConfig(StackConfig, TextConfig):
    """The shape of a `TransformerClassifier`.

    Args:
        vocab_size: number of token ids. Set from the tokenizer.
        **fields: fields of `StackConfig`, some with other defaults.
        max_length: most tokens of a text; longer texts are cut.
        num_classes: number of classes. Set from the data.
        word_dropout: rate at which training hides tokens from attention and pooling.

    Raises:
        UserError: for values that cannot work.

    Example:
        ```python
        import tf_transformer as tft

        tft.config.ClassifierConfig(vocab_size=4000, num_classes=3)
        ```

    Reference:
        Iyyer et al. 2015, *Deep Unordered Composition Rivals Syntactic Methods for Text
        Classification* (word dropout).
    """

    num_layers: Size = 2
    num_heads: Size = 4
    d_ff: Size = 256
    dropout: Rate = 0.3
    positions: Positions = "rotary"
    activation: Activation = "gelu"
    max_length: Length = 128
    num_classes: Annotated[int, Range(2)] = 2
    word_dropout: Rate = 0.2

    task = "classifier"
    training = ClassifierTraining
