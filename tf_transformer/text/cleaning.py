"""Text as models read it, cleaned in the graph. `rules` has the same in plain Python."""

from __future__ import annotations

import tensorflow as tf
import tensorflow_text as tf_text

from tf_transformer.text import rules
from tf_transformer.text.tokenizer import valid_utf8


def clean_text(text: tf.Tensor) -> tf.Tensor:
    r"""Clean texts: Unicode's normal form C, without invisible characters.

    Each run of white space, of any kind, becomes one space, and none is left at the ends. Byte
    order marks, zero-width spaces, word joiners, soft hyphens and variation selectors are removed.
    Joiners and non-joiners stay, because Persian and Indic scripts need them. A blank text becomes
    an empty one.

    Args:
        text: strings of any shape and any bytes; what is not UTF-8 counts as U+FFFD.

    Returns:
        Strings of the same shape.

    Example:
        ```python
        import tf_transformer as tft

        tft.text.clean_text([" a\u00a0\u200b casa\n", "\ufeff"])  # [b'a casa', b'']
        ```
    """
    return clean_spaces(clean_characters(text))


def clean_characters(text: tf.Tensor) -> tf.Tensor:
    """Clean texts of any shape, but leave their white space."""
    text = tf.strings.regex_replace(valid_utf8(text), rules.IGNORABLE, "")
    return tf_text.normalize_utf8(text, "NFC")


def clean_spaces(text: tf.Tensor) -> tf.Tensor:
    """Replace each run of white space in valid UTF-8 by one space, and leave none at the ends."""
    text = tf.strings.regex_replace(text, rules.WHITE_SPACE, " ")
    return tf.strings.regex_replace(text, "^ | $", "")


def is_copied(text: tf.Tensor) -> tf.Tensor:
    """Return which cleaned texts have nothing to translate, and are thus copied.

    They have no letters, and no digits except the number of a line in a list.

    Args:
        text: strings of any shape.

    Returns:
        Booleans of the same shape.
    """
    return tf.strings.regex_full_match(text, rf"(?s:{rules.COPIED})")
