"""A tokenizer of a few pieces, which can split a text in several ways."""

import numpy as np
import tensorflow as tf


class Pieces:
    """Splits a text into its longest pieces, from left to right."""

    def __init__(self, *pieces):
        self.pieces = [b"", b"", b"", b"", *(piece.encode() for piece in pieces)]
        self.vocab_size = len(self.pieces)

    def tokenize(self, text):
        ids, lengths = tf.numpy_function(self._tokenize, [text], [tf.int32, tf.int64])
        return tf.RaggedTensor.from_row_lengths(
            *map(tf.ensure_shape, (ids, lengths), ([None],) * 2)
        )

    def _tokenize(self, text):
        rows = [self._split(b" " + each) if each else [] for each in text]
        ids = [token_id for row in rows for token_id in row]
        return np.array(ids, "int32"), np.array([*map(len, rows)], "int64")

    def _split(self, text):
        ids = []
        while text:
            fitting = [id for id in range(4, self.vocab_size) if text.startswith(self.pieces[id])]
            ids.append(max(fitting, key=lambda id: len(self.pieces[id])))
            text = text[len(self.pieces[ids[-1]]) :]
        return ids

    def texts(self, ids):
        return tf.gather(tf.constant(self.pieces), ids)

    def starts_word(self, ids):
        return tf.constant([piece.startswith(b" ") for piece in self.pieces])

    def text(self, ids):
        """Return the text of ids as a `str`."""
        return b"".join(self.pieces[id] for id in np.ravel(ids)).decode().removeprefix(" ")
