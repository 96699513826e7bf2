"""The shape of a language model."""

from __future__ import annotations

import dataclasses

from tf_transformer.config.field_types import Length, Rate, Size
from tf_transformer.config.language_model_training import LanguageModelTraining
from tf_transformer.config.stack_config import Activation, Positions, StackConfig
from tf_transformer.config.text_config import TextConfig


@dataclasses.dataclass(frozen=True)
class CausalLMConfig(StackConfig, TextConfig):
    """The shape of a `CausalLM`.

    The defaults are those of nanoGPT's small setting for a CPU, which trains in minutes.

    Args:
        vocab_size: number of token ids. Set from the tokenizer.
        **fields: fields of `StackConfig`, some with other defaults.
        max_length: length of a block of training text and of the context, in tokens.
        tie: whether embedding and output projection share a table. Defaults to `True`.

    Raises:
        UserError: for values that cannot work.

    Example:
        ```python
        import tf_transformer as tft

        tft.config.CausalLMConfig(vocab_size=100, num_layers=2, positions="learned")
        ```

    Reference:
        Radford et al. 2019, *Language Models are Unsupervised Multitask Learners* (GPT-2); Su et
        al. 2021, *RoFormer* (rotary positions).
    """

    num_heads: Size = 4
    dropout: Rate = 0.0
    positions: Positions = "rotary"
    activation: Activation = "gelu"
    max_length: Length = 64
    tie: bool = True

    task = "completer"
    training = LanguageModelTraining
