"""Paragraphs into sentences and back: people write paragraphs, models take one sentence."""

from __future__ import annotations

import tensorflow as tf

from tf_transformer.text.forms import rewrite
from tf_transformer.text.tokenizer import valid_utf8

_BOUNDARY = "\ufdd0"  # a noncharacter, which no text contains
_SPACE = r"[ \t\r\f\p{Z}]"
_LINE_BREAK = r"\s*\n\s*"

# Their dot ends no sentence, as a name follows. Those that can end one ("etc.") are not here.
_ABBREVIATION = (
    r"(?i:adm|arq|av|capt|cf|col|dras?|drs?|eng|exm[ao]s?|gen|gov|inc|jr|lda|lt|ltd|maj|messrs|"
    r"mons|mrs?|ms|mt|prof[ao]?s?|rev|séc|sen|sgt|sras?|srs?|sta?|sto|vol|vs)"
)
_INITIALS = r"\p{Lu}|(?:\pL\pL?\.)+\pL\pL?"  # "J.", "E.U.A.", "p.m.", "Ph.D."

_MARK_BOUNDARIES = (
    # A mark that ends sentences, a space, and a capital or a letter without case. Text in lower
    # case is therefore never split, nor is "«No!» said he" or "3. 14".
    (
        rf"([.!?…]['\"’”»)\]]*)({_SPACE}+(?:['\"‘“«(\[¿¡—–-]+{_SPACE}?)?[\p{{Lu}}\p{{Lt}}\p{{Lo}}])",
        rf"\1{_BOUNDARY}\2",
    ),
    (rf"((?:^|[\s'\"‘“«(\[/—–-])(?:{_ABBREVIATION}|{_INITIALS})\.){_BOUNDARY}", r"\1"),
    (rf"(?m)(^\s*\d+\.){_BOUNDARY}", r"\1"),  # the number of a line in a list
    (rf"{_BOUNDARY}{_SPACE}+", _BOUNDARY),
    (rf"({_LINE_BREAK})", rf"{_BOUNDARY}\1{_BOUNDARY}"),
)


def split_sentences(text: tf.Tensor) -> tf.RaggedTensor:
    """Split text into sentences, at the marks that end them and at line breaks.

    Where it is not certain that a sentence ends, the text is not split: after initials, titles and
    other abbreviations of English and Portuguese, and before a small letter or a number.

    Args:
        text: strings `(batch,)` of any bytes; what is not UTF-8 counts as U+FFFD.

    Returns:
        Strings `(batch, pieces)`: sentences as they are, without the space between two of them;
        and line breaks, with all white space around them, which are pieces of their own.

    Example:
        ```python
        import tf_transformer as tft

        tft.text.split_sentences(["Bom dia, Dr. Silva. Tudo bem?"])
        # [[b'Bom dia, Dr. Silva.', b'Tudo bem?']]
        ```
    """
    # Not tf_text.regex_split: it ends a text at a NUL.
    pieces = tf.strings.split(rewrite(valid_utf8(text), _MARK_BOUNDARIES), _BOUNDARY)
    return tf.ragged.boolean_mask(pieces, pieces != "")


def join_sentences(pieces: tf.RaggedTensor, translations: tf.Tensor) -> tf.Tensor:
    """Join the translations of the sentences of each text, with a space between two of them.

    Args:
        pieces: strings `(batch, pieces)` from `split_sentences`.
        translations: strings of the same pieces, laid end to end: `(all pieces,)`, or `(all
            pieces, beam)`, where each column is joined for itself. The string in the place of a
            line break is not used: line breaks stay as they are.

    Returns:
        Strings `(batch,)`, or `(batch, beam)`.
    """
    sources = pieces.flat_values
    is_break = tf.strings.regex_full_match(sources, _LINE_BREAK)
    is_first = tf.ragged.range(pieces.row_lengths()).flat_values == 0
    follows_break = tf.concat([[True], is_break[:-1]], axis=0)[: tf.size(is_break)]
    spaces = tf.where(is_break | is_first | follows_break, "", " ")
    if translations.shape.rank == 2:
        sources, is_break, spaces = (x[:, None] for x in (sources, is_break, spaces))
    texts = spaces + tf.where(is_break, sources, translations)
    return tf.strings.unsorted_segment_join(texts, pieces.value_rowids(), pieces.nrows())
