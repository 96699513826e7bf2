"""From paragraphs to sentences and back: people write paragraphs, models take sentences."""

from __future__ import annotations

import tensorflow as tf

from tf_transformer.text.forms import rewrite
from tf_transformer.text.rules import BOUNDARY, LIKELY_BOUNDARIES, LINE_BREAK, MARK_BOUNDARIES
from tf_transformer.text.tokenizer import valid_utf8


def split_sentences(text: tf.Tensor) -> tf.RaggedTensor:
    """Split text into sentences, at the marks that end them and at line breaks.

    The text is not split where an end is uncertain: after initials, titles and other abbreviations
    of English and Portuguese, and before a small letter or a number. Pictures and signs between
    sentences, and at either end of one, are separate pieces.

    Args:
        text: strings `(batch,)` of any bytes; what is not UTF-8 counts as U+FFFD.

    Returns:
        Strings `(batch, pieces)`: the sentences unchanged, without the spaces between them; and the
        line breaks, each a separate piece with all white space around it.

    Example:
        ```python
        import tf_transformer as tft

        tft.text.split_sentences(["Bom dia, Dr. Silva. Tudo bem?"])
        # [[b'Bom dia, Dr. Silva.', b'Tudo bem?']]
        ```
    """
    # Not tf_text.regex_split: it ends a text at a NUL.
    pieces = tf.strings.split(rewrite(valid_utf8(text), MARK_BOUNDARIES), BOUNDARY)
    return tf.ragged.boolean_mask(pieces, pieces != "")


def mark_likely_ends(text: tf.Tensor) -> tf.Tensor:
    """Mark where sentences probably end in hastily typed, cleaned texts, `(batch,)`.

    After an end, the capital or the space may be missing: "bom dia. obrigado!", "cinema.Depois".
    `split_sentences` splits at the marks.
    """
    return rewrite(text, LIKELY_BOUNDARIES)


def is_line_break(pieces: tf.Tensor) -> tf.Tensor:
    """Return which pieces, strings of any shape, are line breaks."""
    return tf.strings.regex_full_match(pieces, LINE_BREAK)


def join_sentences(pieces: tf.RaggedTensor, translations: tf.Tensor) -> tf.Tensor:
    """Join the translations of each text's sentences, with a space between them.

    Args:
        pieces: strings `(batch, pieces)` from `split_sentences`.
        translations: a string for each piece, laid end to end: `(all pieces,)`, or
            `(all pieces, beam)`, whose columns are joined separately. The string for a line break
            is ignored: line breaks stay as they are.

    Returns:
        Strings `(batch,)`, or `(batch, beam)`.
    """
    sources = pieces.flat_values
    is_break = is_line_break(sources)
    is_first = tf.ragged.range(pieces.row_lengths()).flat_values == 0
    follows_break = tf.concat([[True], is_break[:-1]], axis=0)[: tf.size(is_break)]
    spaces = tf.where(is_break | is_first | follows_break, "", " ")
    if translations.shape.rank == 2:
        sources, is_break, spaces = (x[:, None] for x in (sources, is_break, spaces))
    texts = spaces + tf.where(is_break, sources, translations)
    return tf.strings.unsorted_segment_join(texts, pieces.value_rowids(), pieces.nrows())
