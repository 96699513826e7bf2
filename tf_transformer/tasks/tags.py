"""Tags before sources, in the graph: they ask for a language and a form of text."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from tf_transformer.text.tags import TAGS
from tf_transformer.text.tokenizer import PAD, SPECIAL_LABELS, Tokenizer


class Tags:
    """The tags that a model knows: see `data.Part`.

    Args:
        tokenizer: the tokenizer of sources, which has the tags among its symbols.
        of_language: the tag of each language that the model translates into, the usual one first.

    Example:
        ```python
        import tensorflow as tf

        import tf_transformer as tft
        from tf_transformer.tasks.tags import Tags
        from tf_transformer.text.tags import TAGS

        texts = ["O gato dorme.", "The cat sleeps."]
        tokenizer = tft.text.SentencePiece.train(texts, vocab_size=300, symbols=TAGS)
        tags = Tags(tokenizer, {"en": "", "pt": TAGS[0]})
        tags.of_languages(tf.constant(["en", "pt"]))  # no tag, and the first
        ```
    """

    def __init__(self, tokenizer: Tokenizer, of_language: Mapping[str, str]) -> None:
        self.of_language = dict(of_language)
        self._symbols = list(tokenizer.symbols)
        self._typed = "".join(symbol for symbol in self._symbols if symbol in TAGS)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that the model translates into, the usual one first."""
        return tuple(self.of_language)

    def hide(self, text: tf.Tensor) -> tf.Tensor:
        """Replace characters in a text that would be read as a tag by U+FFFD."""
        if not self._typed:
            return text
        return tf.strings.regex_replace(text, f"[{self._typed}]", "\N{REPLACEMENT CHARACTER}")

    def of_languages(self, to: tf.Tensor) -> tf.Tensor:
        """Return the tags of languages, strings `(batch,)`; an unknown one is an error."""
        languages, tags = map(list, zip(*self.of_language.items(), strict=True))
        is_it = to[:, None] == tf.constant(languages)  # (batch, languages)
        said = ["to: this model translates into", ", ".join(languages), "but not into", to]
        tf.debugging.Assert(tf.reduce_all(tf.reduce_any(is_it, axis=1)), said)
        return tf.gather(tf.constant(tags), tf.argmax(tf.cast(is_it, tf.int32), axis=1))

    def ids_of_pieces(self, tag: tf.Tensor, pieces: tf.RaggedTensor) -> tf.Tensor | None:
        """Return the id of the tag of each piece's text, int32 `(pieces,)`, PAD for none.

        Args:
            tag: tag of each text, strings `(batch,)`, or of all.
            pieces: the pieces of each text.
        """
        if not self._symbols:
            return None
        tag = tf.gather(tf.broadcast_to(tag, [pieces.nrows()]), pieces.value_rowids())
        is_it = tag[:, None] == tf.constant(self._symbols)  # (pieces, symbols)
        ids = tf.argmax(tf.cast(is_it, tf.int32), axis=1, output_type=tf.int32)
        return tf.where(tf.reduce_any(is_it, axis=1), len(SPECIAL_LABELS) + ids, PAD)


def split_tags(text: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Remove the tags of texts that begin with one.

    Args:
        text: strings `(batch,)`, with tags that this package has put there.

    Returns:
        The tags, strings `(batch,)`, empty where there is none, and the texts.
    """
    tag = tf.strings.regex_replace(text, f"(?s)^([{TAGS}]?).*", r"\1")
    return tag, tf.strings.regex_replace(text, f"^[{TAGS}]", "")


def prepend(tag_ids: tf.Tensor, tokens: tf.RaggedTensor) -> tf.RaggedTensor:
    """Put tags before rows of tokens that are not empty.

    Args:
        tag_ids: int32 `(batch,)`, PAD for none.
        tokens: int32 `(batch, tokens)`.
    """
    is_there = (tag_ids != PAD) & (tokens.row_lengths() > 0)
    heads = tf.RaggedTensor.from_row_lengths(
        tf.boolean_mask(tag_ids, is_there),
        tf.cast(is_there, tokens.row_splits.dtype),
        validate=False,
    )
    return tf.concat([heads, tokens], axis=1)
