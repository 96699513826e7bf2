"""The shape of a recurrent translation model."""

from __future__ import annotations

import dataclasses
from typing import Literal

from tf_transformer.config.field_types import Length, Rate, Size, Tie
from tf_transformer.config.translation_config import TranslationConfig
from tf_transformer.errors import require

Cell = Literal["gru", "lstm"]
RecurrentAttention = Literal["additive", "multiplicative"]


@dataclasses.dataclass(frozen=True)
class RNNConfig(TranslationConfig):
    """The shape of an `RNNTranslator`.

    Args:
        source_vocab_size: number of source token ids. Set from the tokenizer.
        target_vocab_size: number of target token ids. Set from the tokenizer.
        num_layers: recurrent layers in the encoder, each in both directions, and in the decoder.
        d_model: width of embeddings, annotations and states; even, because each direction of the
            encoder has half of it.
        cell: `"gru"` or `"lstm"`.
        attention: `"additive"` (Bahdanau et al. 2015) or `"multiplicative"` (Luong et al. 2015).
        dropout: rate after embeddings and layers.
        tie: which tables are shared: `"none"`, `"target"` (target embedding and output projection)
            or `"all"` (the source embedding too; needs a joint vocabulary).
        max_length: most positions of either side, also in decoding.

    Raises:
        UserError: for values that cannot work.

    Example:
        ```python
        import tf_transformer as tft

        tft.config.RNNConfig(4000, 4000, cell="lstm", attention="multiplicative")
        ```
    """

    num_layers: Size = 1
    d_model: Size = 192
    cell: Cell = "gru"
    attention: RecurrentAttention = "additive"
    dropout: Rate = 0.1
    tie: Tie = "all"
    max_length: Length = 256

    title = "recurrent encoder-decoder with attention"

    def _check(self) -> None:
        super()._check()
        require(self.d_model % 2 == 0, f"d_model={self.d_model} is odd: each direction has half.")
