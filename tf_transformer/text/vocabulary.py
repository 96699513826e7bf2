"""Tokens and their ids, in order of frequency."""

from __future__ import annotations

import collections
import functools
import re
from collections.abc import Iterable, Sequence

import numpy as np

from tf_transformer.errors import UserError, counted
from tf_transformer.text.rules import character_ranges, clean_characters


def words_of(text: str) -> list[str]:
    """Split text into its words, in lower case: "Isn't it?" is `isn't`, `it`.

    Text is cleaned first. A word consists of letters, digits and combining marks.

    Example:
        ```python
        from tf_transformer.text import words_of

        words_of("Isn't it?")  # ["isn't", "it"]
        ```
    """
    return _word().findall(clean_characters(text).lower())


@functools.cache
def _word() -> re.Pattern:
    # Python's \w lacks combining marks, such as Indic vowels; ZWNJ and ZWJ occur within words.
    letters = rf"\w[\w{character_ranges('M')}\u200c\u200d]*"
    return re.compile(rf"{letters}(?:['’-]{letters})*")


class Vocabulary:
    """The tokens of a text, the most frequent first: a token's id is its rank.

    Args:
        rows: rows of tokens, such as the words of each sentence.
        min_count: lowest count of a token; rarer ones are left out. Defaults to 1.
        size: most tokens to keep. Defaults to all.

    Attributes:
        tokens: all tokens, most frequent first; equally frequent ones in alphabetical order.
        counts: how often each occurs in the text, int64 `(size,)`.

    Raises:
        UserError: if no token is left.

    Example:
        ```python
        import tf_transformer as tft

        vocabulary = tft.text.Vocabulary([tft.text.words_of("The house. The blue house, the sea.")])
        vocabulary.tokens  # ('the', 'house', 'blue', 'sea')
        vocabulary.ids(["blue", "house", "boat"])  # [2, 1]
        ```
    """

    def __init__(
        self, rows: Iterable[Sequence[str]], min_count: int = 1, size: int | None = None
    ) -> None:
        found = collections.Counter(token for row in rows for token in row)
        kept = sorted((-count, token) for token, count in found.items() if count >= min_count)
        if not kept:
            raise UserError(f"no word occurs {counted(min_count, 'time')}: give more text.")
        self.tokens = tuple(token for _, token in kept[:size])
        self.counts = np.array([-count for count, _ in kept[:size]])
        self._ids = {token: i for i, token in enumerate(self.tokens)}

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: str) -> bool:
        return token in self._ids

    def ids(self, row: Sequence[str]) -> list[int]:
        """Return the ids of a row of tokens, without those that are not in the vocabulary."""
        return [self._ids[token] for token in row if token in self._ids]
