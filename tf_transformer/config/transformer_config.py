"""The shape of a translating Transformer."""

from __future__ import annotations

import dataclasses

from tf_transformer.config.field_types import Count, Length, Tie
from tf_transformer.config.stack_config import StackConfig
from tf_transformer.config.translation_config import TranslationConfig


# Dataclasses take the fields of their last base first: here the vocabularies, then the stacks.
@dataclasses.dataclass(frozen=True)
class TransformerConfig(StackConfig, TranslationConfig):
    """The shape of a `Transformer`: two vocabularies, an encoder and a decoder.

    Args:
        source_vocab_size: number of source token ids. Set from the tokenizer.
        target_vocab_size: number of target token ids. Set from the tokenizer.
        num_layers: layers in the encoder and in the decoder.
        **fields: the other fields of `StackConfig`.
        tie: which tables are shared: `"none"`, `"target"` (target embedding and output projection)
            or `"all"` (the source embedding too; needs a joint vocabulary).
        max_length: most positions of either side, also of learned positions and in decoding.
        encoder_layers: layers in the encoder; 0 means `num_layers`. A deep encoder with a shallow
            decoder translates equally well, and faster.
        decoder_layers: layers in the decoder; 0 means `num_layers`.

    Raises:
        UserError: for values that cannot work.

    Example:
        ```python
        import tf_transformer as tft

        config = tft.config.TransformerConfig(4000, 4000, num_layers=2, d_model=64)
        config.replace(positions="rotary").to_json()
        ```

    Reference:
        Vaswani et al. 2017, *Attention Is All You Need*, Table 3; Kasai et al. 2021, *Deep Encoder,
        Shallow Decoder*.
    """

    tie: Tie = "all"
    max_length: Length = 256
    encoder_layers: Count = 0
    decoder_layers: Count = 0
