"""Placeholders for words that a vocabulary cannot spell, during translation, in the graph."""

from __future__ import annotations

import tensorflow as tf

from tf_transformer.text.rules import BOUNDARY, PLACEHOLDERS, unseen_pattern
from tf_transformer.text.tokenizer import Tokenizer

_MARK = "\n"  # cleaned text has no line break
# What no model translates: links, e-mail addresses, and words with a digit.
_DIGIT_WORD = r"[\pL\pM\p{Nd}]*\p{Nd}[\pL\pM\p{Nd}]*"
_UNCHANGED = (
    r"(?:https?://|www\.)[^\s<>\"]*[\pL\pM\p{Nd}/=_#-]"
    r"|[\pL\p{Nd}._%+-]+@[\pL\p{Nd}-]+(?:\.[\pL\p{Nd}-]+)+"
    rf"|{_DIGIT_WORD}(?:[.,:/-]{_DIGIT_WORD})*"
)
_WORD = r"[\pL\pM\p{Nd}]+"
_NEVER = r"[^\x{0}-\x{10ffff}]"  # a pattern that matches nothing

NO_PLACEHOLDERS = "terms and copy: the vocabularies of this model have no placeholders"


class Placeholders:
    """Hides words that a vocabulary cannot spell, and puts them back.

    A word with a character that training never showed has no pieces that the model has learned. A
    placeholder takes its place: a private-use character that training showed in both languages.
    `rules` has the same in plain Python; its `restore` is `with_all` followed by `restore`. If the
    vocabularies have no placeholders, nothing is hidden.

    Args:
        source: tokenizer of the texts in which words are hidden.
        target: tokenizer of the texts in which they are put back.

    Example:
        ```python
        import tf_transformer as tft
        from tf_transformer.text.placeholders import Placeholders
        from tf_transformer.text.rules import PLACEHOLDERS

        tokenizers = tft.train_tokenizers(
            ["O Rui lê."], ["Rui reads."], vocab_size=300, symbols=PLACEHOLDERS
        )
        placeholders = Placeholders(*tokenizers)
        text, words = placeholders.hide(["O Łukasz lê."])  # words: Łukasz
        placeholders.restore(text, words)  # as it was
        ```
    """

    def __init__(self, source: Tokenizer, target: Tokenizer) -> None:
        self._pattern = None
        if has_placeholders(source, target):
            self._pattern = f"({unseen_pattern(source.known_characters())})"

    def hide(self, text: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Replace words by placeholders.

        Args:
            text: strings `(batch,)`, cleaned.

        Returns:
            The texts, and the hidden words, strings `(batch, placeholders)`, empty beyond the last.
        """
        text = tf.convert_to_tensor(text)
        nothing = tf.fill([tf.size(text), len(PLACEHOLDERS)], "")
        if not self._pattern:
            return text, nothing
        marked = tf.strings.regex_replace(text, self._pattern, _around(r"\1"))
        return tf.cond(
            tf.reduce_any(marked != text), lambda: _hide(marked), lambda: (text, nothing)
        )

    def hide_terms(
        self, text: tf.Tensor, terms: tf.RaggedTensor, targets: tf.RaggedTensor, copy: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Replace terms by placeholders, and then words that the vocabulary cannot spell.

        A term is found as whole words, written in the same way.

        Args:
            text: strings `(batch,)`, cleaned.
            terms: strings `(batch, terms)`, the terms of each text, cleaned.
            targets: strings `(batch, terms)`, what takes their places in the translation.
            copy: bool `(batch,)`, whether links, addresses and words with digits are terms too,
                which go through unchanged.

        Returns:
            The texts; and what they hide, in the source and in the translation, strings
            `(batch, placeholders)`, empty beyond the last.
        """
        if not self._pattern:
            is_plain = (terms.row_lengths() == 0) & ~copy
            tf.debugging.Assert(tf.reduce_all(is_plain), [NO_PLACEHOLDERS])
            text, words = self.hide(text)
            return text, words, words
        marked = tf.map_fn(
            lambda row: tf.strings.regex_replace(row[0], row[1], _around(r"\1")),
            (_with_boundaries(text), _any_of(terms)),
            fn_output_signature=tf.string,
        )
        marked = tf.strings.regex_replace(marked, BOUNDARY, "")
        marked = tf.where(copy, _mark_others(marked, f"({_UNCHANGED})"), marked)
        text, words = _hide(_mark_others(marked, self._pattern))
        terms, targets = (x.to_tensor() for x in (terms, targets))  # (batch, terms)
        is_term = (words[:, :, None] == terms[:, None]) & (words != "")[:, :, None]
        is_first = is_term & (tf.cumsum(tf.cast(is_term, tf.int32), axis=2) == 1)
        found = tf.strings.reduce_join(tf.where(is_first, targets[:, None], ""), axis=2)
        return text, words, tf.where(tf.reduce_any(is_term, axis=2), found, words)

    def not_in(self, text: tf.Tensor, words: tf.Tensor) -> tf.Tensor:
        """Return words, `(batch, placeholders)`, with empty ones for those that a text contains."""
        rows, columns = tf.unstack(tf.shape(words))
        pairs = (tf.repeat(text, columns), tf.reshape(words, [-1]))
        is_there = tf.map_fn(
            lambda pair: tf.strings.regex_full_match(pair[0], _containing(pair[1])),
            pairs,
            fn_output_signature=tf.bool,
        )
        return tf.where(tf.reshape(is_there, [rows, columns]), "", words)

    def with_all(self, text: tf.Tensor, words: tf.Tensor) -> tf.Tensor:
        """Append the placeholders that translations have lost.

        Args:
            text: strings `(batch, ...)`.
            words: strings `(batch, placeholders)`.

        Returns:
            Strings of the shape of the texts.
        """
        if not self._pattern:
            return text
        for placeholder, word in zip(PLACEHOLDERS, tf.unstack(words, axis=1), strict=True):
            word = tf.reshape(word, [-1] + [1] * (len(text.shape) - 1))
            is_there = tf.strings.regex_full_match(text, f"(?s:.*{placeholder}.*)")
            text = tf.where(is_there | tf.equal(word, ""), text, text + f" {placeholder}")
        return text

    def restore(self, text: tf.Tensor, words: tf.Tensor) -> tf.Tensor:
        """Put words back in place of their placeholders; remove placeholders without a word.

        Args:
            text: strings `(batch, ...)`.
            words: strings `(batch, placeholders)`.

        Returns:
            Strings of the shape of the texts.
        """
        if not self._pattern:
            return text
        is_there = tf.strings.regex_full_match(text, f"(?s:.*[{PLACEHOLDERS}].*)")
        return tf.cond(tf.reduce_any(is_there), lambda: _restore(text, words), lambda: text)

    def known_share(self, source: tf.Tensor, words: tf.Tensor, text: tf.Tensor) -> tf.Tensor:
        """Return the share of each source that is not hidden, from 0 to 1.

        Args:
            source: strings `(batch,)`, before words were hidden.
            words: strings `(batch, placeholders)`, the hidden words.
            text: strings `(batch, ...)`, translations before the words are put back.

        Returns:
            float32 of the translations' shape; 0 where a word is lost or repeated.
        """
        if not self._pattern:
            return tf.ones(tf.shape(text))
        length = tf.cast(_length(tf.strings.regex_replace(source, " ", "")), tf.float32)
        hidden = tf.cast(tf.reduce_sum(_length(words), axis=1), tf.float32)
        share = 1 - hidden / tf.maximum(length, 1)
        beyond = [1] * (len(text.shape) - 1)
        is_whole = tf.fill(tf.shape(text), True)
        for number, placeholder in enumerate(PLACEHOLDERS):
            count = _length(text) - _length(tf.strings.regex_replace(text, placeholder, ""))
            expected = tf.cast(words[:, number] != "", tf.int32)
            is_whole &= count == tf.reshape(expected, [-1, *beyond])
        return tf.where(is_whole, tf.reshape(share, [-1, *beyond]), 0.0)


def has_placeholders(*tokenizers: Tokenizer) -> bool:
    """Return whether all these tokenizers have placeholders among their symbols."""
    return all({*PLACEHOLDERS} <= {*tokenizer.symbols} for tokenizer in tokenizers)


def _around(text: str) -> str:
    return f"{_MARK}{text}{_MARK}"


def _length(text: tf.Tensor) -> tf.Tensor:
    return tf.strings.length(text, "UTF8_CHAR")


def _with_boundaries(text: tf.Tensor) -> tf.Tensor:
    """Mark both ends of all words, so that words and their parts differ."""
    return tf.strings.regex_replace(text, f"({_WORD})", rf"{BOUNDARY}\1{BOUNDARY}")


def _any_of(terms: tf.RaggedTensor) -> tf.Tensor:
    """Return patterns for the terms of each text, `(batch,)`, whose words have boundaries."""
    quoted = terms.with_flat_values(_quoted(_with_boundaries(terms.flat_values)))
    patterns = tf.strings.reduce_join(quoted, axis=1, separator="|")
    return tf.where(terms.row_lengths() == 0, f"({_NEVER})", "(" + patterns + ")")


def _containing(word: tf.Tensor) -> tf.Tensor:
    """Return a pattern for texts with a word, if there is one."""
    return tf.where(tf.equal(word, ""), _NEVER, "(?s:.*" + _quoted(word) + ".*)")


def _quoted(text: tf.Tensor) -> tf.Tensor:
    """Return patterns that match texts literally."""
    return r"\Q" + tf.strings.regex_replace(text, r"\\E", r"\\E\\\\E\\Q") + r"\E"


def _mark_others(marked: tf.Tensor, pattern: str) -> tf.Tensor:
    """Mark what matches a pattern, except in parts that are marked already."""
    parts = tf.strings.split(marked, _MARK)
    is_marked = tf.ragged.range(parts.row_lengths()).flat_values % 2 == 1
    new = tf.strings.regex_replace(parts.flat_values, pattern, _around(r"\1"))
    parts = parts.with_flat_values(tf.where(is_marked, parts.flat_values, new))
    return tf.strings.reduce_join(parts, axis=1, separator=_MARK)


def _hide(marked: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    parts = tf.strings.split(marked, _MARK)  # every second one is a word to hide
    places = tf.ragged.range(parts.row_lengths()).flat_values
    is_word, number = places % 2 == 1, places // 2
    is_hidden = is_word & (number < len(PLACEHOLDERS))
    placeholders = tf.gather(tf.constant(list(PLACEHOLDERS)), number % len(PLACEHOLDERS))
    words = tf.ragged.boolean_mask(parts, parts.with_flat_values(is_hidden))
    shape = [None, len(PLACEHOLDERS)]
    others = tf.strings.regex_replace(
        parts.flat_values, f"[{PLACEHOLDERS}]", "\N{REPLACEMENT CHARACTER}"
    )
    texts = parts.with_flat_values(tf.where(is_hidden, placeholders, others))
    return tf.strings.reduce_join(texts, axis=1), words.to_tensor("", shape=shape)


def _restore(text: tf.Tensor, words: tf.Tensor) -> tf.Tensor:
    flat = tf.reshape(text, [-1])
    marked = tf.strings.regex_replace(flat, _MARK, " ")
    marked = tf.strings.regex_replace(marked, f"([{PLACEHOLDERS}])", _around(r"\1"))
    parts = tf.strings.split(marked, _MARK)
    is_placeholder = parts.flat_values[:, None] == tf.constant(list(PLACEHOLDERS))
    number = tf.argmax(tf.cast(is_placeholder, tf.int32), axis=1, output_type=tf.int32)  # (parts,)
    columns = tf.size(flat) // tf.maximum(tf.shape(words)[0], 1)
    rows = tf.cast(parts.value_rowids(), tf.int32) // tf.maximum(columns, 1)
    back = tf.gather_nd(words, tf.stack([rows, number], axis=1))
    found = tf.where(tf.reduce_any(is_placeholder, axis=1), back, parts.flat_values)
    restored = tf.strings.reduce_join(parts.with_flat_values(found), axis=1)
    has_none = parts.row_lengths() == 1
    return tf.reshape(tf.where(has_none, flat, restored), tf.shape(text))
