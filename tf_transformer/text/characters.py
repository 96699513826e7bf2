"""Characters: the smallest vocabulary, and the longest rows of ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import tensorflow as tf

from tf_transformer.text.forms import PLAIN, find_form
from tf_transformer.text.tokenizer import (
    SPECIAL_LABELS,
    UNKNOWN,
    Tokenizer,
    sentences_to_learn,
    valid_utf8,
)

_VOCAB_FILE = "characters.txt"


class Characters(Tokenizer):
    """A token for each character (Unicode code point) of the training text.

    Text made of these characters comes back exactly as it was. Any other character becomes
    `UNKNOWN`.

    Args:
        characters: the vocabulary without the special ids.
        form: name of the text form. Defaults to `"plain"`.

    Example:
        ```python
        import tf_transformer as tft

        tokenizer = tft.text.Characters.train(["a bad cab"], vocab_size=100)
        tokenizer.tokenize(["abc"])  # [[5, 6, 7]]
        tokenizer.detokenize([[5, 6, 7]])  # [b'abc']
        ```
    """

    kind = "characters"
    unknown_text = "\N{REPLACEMENT CHARACTER}"

    def __init__(self, characters: str, form: str = PLAIN) -> None:
        super().__init__(list(characters), [c.encode() for c in characters], form)
        self._characters = characters
        ids = tf.range(len(SPECIAL_LABELS), self.vocab_size)
        self._table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                tf.constant([*map(ord, characters)], tf.int32), ids
            ),
            default_value=UNKNOWN,
        )

    @classmethod
    def train(cls, sentences: Iterable[str], vocab_size: int, form: str = PLAIN) -> Characters:
        counts: Counter[str] = Counter()
        for sentence in sentences_to_learn(sentences, find_form(form)):
            counts.update(sentence)
        # Equally frequent characters are sorted, so that the order of the text does not matter.
        ranking = sorted(counts, key=lambda character: (-counts[character], character))
        return cls("".join(sorted(ranking[: vocab_size - len(SPECIAL_LABELS)])), form)

    def _split(self, text: tf.Tensor) -> tf.RaggedTensor:
        return self._table.lookup(tf.strings.unicode_decode(valid_utf8(text), "UTF-8"))

    def _join(self, ids: tf.Tensor | tf.RaggedTensor) -> tf.Tensor:
        return self._concatenate(ids)  # a space at the start belongs to the text

    def _write_files(self, directory: Path) -> None:
        (directory / _VOCAB_FILE).write_bytes(self._characters.encode())

    @classmethod
    def _read_files(cls, directory: Path, form: str) -> Characters:
        return cls((directory / _VOCAB_FILE).read_bytes().decode(), form)
