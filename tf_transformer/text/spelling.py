"""The usual spelling of text, in the graph. `rules` has the same in plain Python."""

from __future__ import annotations

import tensorflow as tf

from tf_transformer.text import rules
from tf_transformer.text.tokenizer import UNKNOWN, Tokenizer

USUAL, _CAPITALS, _TITLE = range(3)  # styles of text


def usual_spelling(text: tf.Tensor, tokenizer: Tokenizer) -> tuple[tf.Tensor, tf.Tensor]:
    """Give the usual spelling to texts in capitals, in title case, or without capitals.

    A text is changed only if its usual spelling takes fewer tokens.

    Args:
        text: strings `(batch,)`, cleaned.
        tokenizer: of these texts.

    Returns:
        The texts, and the original style of each, int32 `(batch,)`, for `restyle`.

    Example:
        ```python
        from tf_transformer.text import SentencePiece
        from tf_transformer.text.spelling import restyle, usual_spelling

        tokenizer = SentencePiece.train(["O Rui vende a casa azul."] * 9, vocab_size=300)
        text, style = usual_spelling(["O RUI VENDE A CASA."], tokenizer)  # [b'O Rui vende a casa.']
        restyle(text, style)  # [b'O RUI VENDE A CASA.']
        ```
    """
    text = tf.convert_to_tensor(text)
    in_capitals = tf.strings.regex_full_match(text, rules.IN_CAPITALS)
    in_title = tf.strings.regex_full_match(text, rules.IN_TITLE) & ~in_capitals
    in_small = tf.strings.regex_full_match(text, rules.WITHOUT_CAPITALS)
    style = tf.where(in_capitals, _CAPITALS, tf.where(in_small, USUAL, _TITLE))
    is_unusual = in_capitals | in_title | in_small & (text != "")
    return tf.cond(  # most calls have no such text, and nothing to tokenize here
        tf.reduce_any(is_unusual),
        lambda: _respell(text, style, tf.where(is_unusual), tokenizer),
        lambda: (text, tf.zeros(tf.shape(text), tf.int32)),
    )


def restyle(text: tf.Tensor, style: tf.Tensor) -> tf.Tensor:
    """Give texts, `(batch, ...)`, the capitals of their styles, `(batch,)`."""
    return tf.cond(tf.reduce_all(style == USUAL), lambda: text, lambda: _styled(text, style))


def _respell(
    text: tf.Tensor, style: tf.Tensor, places: tf.Tensor, tokenizer: Tokenizer
) -> tuple[tf.Tensor, tf.Tensor]:
    """Give the texts at some places their usual spelling: see `usual_spelling`."""
    found = tf.gather_nd(text, places)
    words = tf.strings.split(found, " ")
    small = tf.strings.lower(words.flat_values, "utf-8")
    usual = _cheaper(small, capitalize(small), tokenizer)
    spelled = tf.strings.reduce_join(words.with_flat_values(usual), axis=1, separator=" ")
    spelled = _cheaper(capitalize(spelled), spelled, tokenizer)
    is_better = _cost(spelled, tokenizer) < _cost(found, tokenizer)
    style = tf.where(is_better, tf.gather_nd(style, places), USUAL)
    return (
        tf.tensor_scatter_nd_update(text, places, tf.where(is_better, spelled, found)),
        tf.scatter_nd(places, style, tf.shape(text, tf.int64)),
    )


def _styled(text: tf.Tensor, style: tf.Tensor) -> tf.Tensor:
    style = tf.reshape(style, [-1] + [1] * (len(text.shape) - 1))
    style = tf.broadcast_to(style, tf.shape(text))
    before = text
    text = tf.where(style == _CAPITALS, tf.strings.upper(text, "utf-8"), text)
    places = tf.where(style == _TITLE)
    words = tf.strings.split(tf.gather_nd(text, places), " ")
    words = words.with_flat_values(capitalize(words.flat_values))
    titles = tf.strings.reduce_join(words, axis=1, separator=" ")
    styled = tf.tensor_scatter_nd_update(text, places, titles)
    return tf.where(tf.strings.regex_full_match(before, rules.WITHOUT_NUL), styled, before)


def capitalize(text: tf.Tensor) -> tf.Tensor:
    """Return texts with their first letter as a capital."""
    start, rest = (
        tf.strings.regex_replace(text, rules.FIRST_LETTER, part) for part in rules.HALVES
    )
    return tf.strings.upper(start, "utf-8") + rest


def _cheaper(text: tf.Tensor, other: tf.Tensor, tokenizer: Tokenizer) -> tf.Tensor:
    return tf.where(_cost(other, tokenizer) < _cost(text, tokenizer), other, text)


def _cost(text: tf.Tensor, tokenizer: Tokenizer) -> tf.Tensor:
    """Count the tokens of each text, unknown ones twice."""
    ids = tokenizer.tokenize(text)
    costs = tf.where(ids.flat_values == UNKNOWN, 2, 1)
    before = tf.concat([[0], tf.cumsum(costs)], axis=0)  # the costs of all tokens before each
    ends = tf.gather(before, ids.row_splits)
    return ends[1:] - ends[:-1]
