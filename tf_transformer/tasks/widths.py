"""The widths of a search's tensors: only a few if XLA compiles for each of them."""

from __future__ import annotations

import tensorflow as tf

from tf_transformer.tasks.bucketing import round_up, sizes_for
from tf_transformer.text.tokenizer import END

_LENGTHS = (16, 24, 32, 48, 64, 96, 128, 256, 512)  # lengths of sources to compile for
_MARGIN = 12  # tokens by which a translation may exceed its padded source, at first


class Widths:
    """Pads the sources of a batch, and limits the widths of their translations.

    Args:
        max_length: most tokens of either side, END included.
        jit_compile: whether XLA compiles the searches; shapes must then be few.
    """

    def __init__(self, max_length: int, jit_compile: bool) -> None:
        self.max_length = max_length
        self.jit_compile = jit_compile

    def shapes(self) -> list[tuple[int, int]]:
        """Return inputs for each shape that XLA compiles searches for.

        The few rows whose translations are far longer than their sources may need further shapes.

        Returns:
            Pairs of a number of rows and their number of source tokens, without END.
        """
        if not self.jit_compile:
            return []
        return [(rows, least) for least in [1, *self._lengths()[:-1]] for rows in sizes_for(least)]

    def sources(
        self, tokens: tf.RaggedTensor, rows: tf.Tensor, is_long: bool | tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Return the sources of some rows, as a search takes them.

        Rows that do not exist, and blank ones, have a limit of 0.

        Args:
            tokens: ids of all rows, `(batch, source)`.
            rows: numbers of rows, `(size,)`; the number `batch` stands for a row without tokens.
            is_long: whether translations may be long. The sources are then wide enough to give
                them room.

        Returns:
            Source ids, `(size, source)`; length limits, `(size,)`; and which rows are cut,
            `(size,)`.
        """
        nobody = tf.RaggedTensor.from_row_lengths(
            tf.zeros([0], tokens.dtype), tf.zeros([1], tokens.row_splits.dtype), validate=False
        )
        tokens = tf.gather(tf.concat([tokens, nobody], axis=0), rows)
        lengths = tf.cast(tokens.row_lengths(), tf.int32)
        ends = tf.fill([tf.size(rows), 1], END)
        source_ids = tf.concat([tokens[:, : self.max_length - 1], ends], axis=1).to_tensor()
        limits = tf.where(lengths == 0, 0, self._limit(lengths))
        most = tf.reduce_max(tf.concat([limits, [0]], axis=0))  # valid without rows, too
        width = tf.where(is_long, most - _MARGIN, 0)
        return self._pad(source_ids, width), limits, lengths >= self.max_length

    def targets(self, source_ids: tf.Tensor) -> tf.Tensor:
        """Return the most target tokens that a search writes for padded sources."""
        return tf.minimum(tf.shape(source_ids)[1] + _MARGIN, self.max_length)

    def _limit(self, length: tf.Tensor) -> tf.Tensor:
        """Return how many tokens a translation may have: ten plus twice its source's tokens."""
        return tf.minimum(2 * length + 10, self.max_length)

    def _pad(self, source_ids: tf.Tensor, least: tf.Tensor) -> tf.Tensor:
        """Pad source ids to at least some length, and to one of a few if XLA compiles."""
        length = tf.maximum(least, tf.shape(source_ids)[1])
        if self.jit_compile:
            length = round_up(length, self._lengths())
        return tf.pad(source_ids, [[0, 0], [0, length - tf.shape(source_ids)[1]]])

    def _lengths(self) -> list[int]:
        """Return the lengths to which sources are padded, the shortest first."""
        return [*(length for length in _LENGTHS if length < self.max_length), self.max_length]
