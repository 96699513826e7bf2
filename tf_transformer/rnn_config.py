"""What can be chosen about a recurrent translation model."""

from __future__ import annotations

import dataclasses

from tf_transformer.config import _Config, require


@dataclasses.dataclass(frozen=True)
class RNNConfig(_Config):
    """The shape of an `RNNTranslator`.

    Args:
        source_vocab_size: number of source token ids. Set from the tokenizer.
        target_vocab_size: number of target token ids. Set from the tokenizer.
        num_layers: recurrent layers in the encoder, each in both directions, and as many in the
            decoder.
        d_model: width of embeddings, annotations and states; even, as each direction of the encoder
            has half.
        cell: `"gru"` or `"lstm"`.
        attention: `"additive"` (Bahdanau et al. 2015) or `"multiplicative"` (Luong et al. 2015).
        dropout: rate after embeddings and layers.
        tie: which tables are one, as of `TransformerConfig`.
        max_length: most positions of either side, the limit of decoding.

    Raises:
        UserError: for values that cannot work.
    """

    source_vocab_size: int = 8000
    target_vocab_size: int = 8000
    num_layers: int = 1
    d_model: int = 192
    cell: str = "gru"
    attention: str = "additive"
    dropout: float = 0.1
    tie: str = "all"
    max_length: int = 256

    title = "recurrent encoder-decoder with attention"  # what such a model is called

    def _check(self):
        self._check_range("source_vocab_size target_vocab_size", 5)  # 4 special ids and a token
        self._check_range("num_layers d_model", 1)
        self._check_range("max_length", 2)
        self._check_range("dropout", 0, 1)
        self._check_choice("cell", ("gru", "lstm"))
        self._check_choice("attention", ("additive", "multiplicative"))
        self._check_choice("tie", ("none", "target", "all"))
        require(self.d_model % 2 == 0, f"d_model={self.d_model} is odd: each direction has half.")
        require(
            self.tie != "all" or self.source_vocab_size == self.target_vocab_size,
            f"tie='all' wants one vocabulary for both sides, not {self.source_vocab_size} source "
            f"and {self.target_vocab_size} target ids: set joint_vocabulary=true or tie=target.",
        )
