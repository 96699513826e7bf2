"""Texts in pieces: sentences, which are translated one by one, and line breaks."""

from __future__ import annotations

import functools
from collections.abc import Callable

import tensorflow as tf

from tf_transformer.decoding.sampling import draws_for
from tf_transformer.text import rules
from tf_transformer.text.cleaning import clean_characters, clean_spaces
from tf_transformer.text.sentences import is_line_break, mark_likely_ends, split_sentences


def pieces_of(text: tf.Tensor) -> tf.RaggedTensor:
    """Split texts, `(batch,)`, into cleaned sentences and line breaks, `(batch, pieces)`.

    Blank texts have no pieces.
    """
    pieces = split_sentences(mark_likely_ends(without_blanks(clean_characters(text))))
    flat = pieces.flat_values
    return pieces.with_flat_values(tf.where(is_line_break(flat), flat, clean_spaces(flat)))


def split_long(
    pieces: tf.RaggedTensor, is_long: Callable[[tf.Tensor], tf.Tensor]
) -> tf.RaggedTensor:
    """Split pieces, `(batch, pieces)`, that are too long, and their parts: see `rules.PART_ENDS`.

    Args:
        pieces: from `pieces_of`.
        is_long: returns which pieces, strings `(all pieces,)`, are too long.
    """
    for pattern, replacement in rules.PART_ENDS:
        marked = tf.strings.regex_replace(pieces.flat_values, pattern, replacement)
        pieces = tf.cond(  # most texts have nowhere to split: their lengths do not matter
            tf.reduce_any(marked != pieces.flat_values),
            functools.partial(_split_if, pieces, marked, is_long),
            functools.partial(tf.identity, pieces),
        )
    return pieces


def _split_if(
    pieces: tf.RaggedTensor, marked: tf.Tensor, is_long: Callable[[tf.Tensor], tf.Tensor]
) -> tf.RaggedTensor:
    """Split pieces that are too long at their marks, strings `(all pieces,)`."""
    flat = pieces.flat_values
    parts = tf.strings.split(tf.where(is_long(flat), marked, flat), rules.BETWEEN_PARTS)
    return pieces.with_flat_values(parts).merge_dims(1, 2)


def as_sentences(pieces: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Turn parts of sentences, `(all pieces,)`, into sentences with a full stop.

    Returns:
        The sentences, and the marks that the parts ended with, `(all pieces,)`, empty for whole
        sentences.
    """
    is_part = tf.strings.regex_full_match(pieces, rules.PART)
    sentences, marks = (
        tf.strings.regex_replace(pieces, rules.PART, new) for new in (r"\1.", r"\2")
    )
    return sentences, tf.where(is_part, marks, "")


def as_parts(text: tf.Tensor, marks: tf.Tensor) -> tf.Tensor:
    """Replace the last full stops of texts, `(all pieces, ...)`, by marks, `(all pieces,)`."""
    marks = tf.reshape(marks, [-1] + [1] * (len(text.shape) - 1))
    ended = tf.strings.regex_replace(text, rules.LAST_STOP, "", replace_global=False) + marks
    return tf.where(tf.equal(marks, ""), text, ended)


def without_blanks(text: tf.Tensor) -> tf.Tensor:
    """Return texts, `(batch,)`, with empty ones in place of those that are only white space."""
    return tf.where(tf.equal(clean_spaces(text), ""), "", text)


def draws_of_pieces(
    seed: int | tf.Tensor, pieces: tf.RaggedTensor, room: int | tf.Tensor
) -> tf.Tensor:
    """Return random numbers for the tokens of each piece.

    They depend on the seed, the number of the piece's text, and the piece's place in it.

    Args:
        seed: int scalar.
        pieces: the pieces of each text, from `pieces_of`.
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
