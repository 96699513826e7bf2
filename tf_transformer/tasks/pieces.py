"""Texts in pieces: sentences and line breaks, which are translated one by one."""

from __future__ import annotations

import tensorflow as tf

from tf_transformer.decoding.sampling import draws_for
from tf_transformer.text.cleaning import clean_characters, clean_spaces
from tf_transformer.text.sentences import is_line_break, mark_likely_ends, split_sentences


def pieces_of(text: tf.Tensor) -> tf.RaggedTensor:
    """Split texts, `(batch,)`, into cleaned sentences and line breaks, `(batch, pieces)`.

    Blank texts have no pieces.
    """
    pieces = split_sentences(mark_likely_ends(without_blanks(clean_characters(text))))
    flat = pieces.flat_values
    return pieces.with_flat_values(tf.where(is_line_break(flat), flat, clean_spaces(flat)))


def without_blanks(text: tf.Tensor) -> tf.Tensor:
    """Return texts, `(batch,)`, with empty ones in place of those that are white space alone."""
    return tf.where(tf.equal(clean_spaces(text), ""), "", text)


def draws_of_pieces(
    seed: int | tf.Tensor, pieces: tf.RaggedTensor, room: int | tf.Tensor
) -> tf.Tensor:
    """Return random numbers for the tokens of each piece.

    It depends on the seed, the number of the piece's text, and the piece's place there.

    Args:
        seed: int scalar.
        pieces: of each text, from `pieces_of`.
        room: int scalar, most tokens of a piece.

    Returns:
        float32 `(pieces + 1, room)`; the last row belongs to no piece.
    """
    places = tf.ragged.range(pieces.row_lengths()).flat_values
    most = tf.reduce_max(tf.concat([places, [0]], axis=0)) + 1
    draws = tf.map_fn(  # (most pieces, texts, room)
        lambda place: draws_for(seed, pieces.nrows(), room, place),
        tf.range(most),
        fn_output_signature=tf.float32,
    )
    draws = tf.gather_nd(draws, tf.stack([places, pieces.value_rowids()], axis=1))
    return tf.concat([draws, tf.zeros([1, room])], axis=0)
