"""Placeholders for words that a vocabulary cannot spell, during translation, in the graph."""

from __future__ import annotations

import tensorflow as tf

from tf_transformer.text.rules import PLACEHOLDERS, unseen_pattern
from tf_transformer.text.tokenizer import Tokenizer

_MARK = "\n"  # cleaned text has no line break


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
