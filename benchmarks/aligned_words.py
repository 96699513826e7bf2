"""Sentences that were aligned by hand, and how well attention aligns them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import tensorflow as tf

from tf_transformer.tasks import Translator
from tf_transformer.tasks.attention import alignment_weights
from tf_transformer.tasks.word_alignment import numbers_of_words, word_alignment
from tf_transformer.text import END, PAD, Tokenizer

_BY_WEIGHT = 1e6  # so much attention is hardly any: shares count for nothing


class Aligned(NamedTuple):
    """A sentence and its translation, with the pairs of words that belong together."""

    source: str
    target: str
    sure: set[tuple[int, int]]
    possible: set[tuple[int, int]]  # all that are sure, too


class Score(NamedTuple):
    """How good alignments are."""

    error_rate: float
    right: int
    words: int

    def __str__(self) -> str:
        return f"{self.error_rate:.3f} ({self.right}/{self.words})"


def read_aligned(path: str | Path) -> list[Aligned]:
    """Read sentences that were aligned by hand."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    rows = []
    for source, target, links in (line.split("\t") for line in lines):
        sure, perhaps = (
            {tuple(map(int, link.split(sign))) for link in links.split() if sign in link}
            for sign in "-p"
        )
        rows.append(Aligned(source, target, sure, sure | perhaps))
    return rows


def score(rows: list[Aligned], alignments: list[str]) -> Score:
    """Score alignments, such as `"0-0 1-2"`, by those that were made by hand.

        error rate = 1 - (|found and sure| + |found and possible|) / (|found| + |sure|)

    Args:
        rows: those that were made by hand.
        alignments: one for each row.
    """
    found = [
        {tuple(map(int, link.split("-"))) for link in alignment.split()} for alignment in alignments
    ]
    pairs = [*zip(found, rows, strict=True)]
    sure = sum(len(links & row.sure) for links, row in pairs)
    right = sum(len(links & row.possible) for links, row in pairs)
    words = sum(map(len, found))
    return Score(1 - (sure + right) / (words + sum(len(row.sure) for row in rows)), right, words)


class Looks:
    """Where a translator looks while it writes given translations.

    Args:
        translator: the translator.
        rows: sentences with their translations.
    """

    def __init__(self, translator: Translator, rows: list[Aligned]) -> None:
        self._rows = rows
        sources, targets = [row.source for row in rows], [row.target for row in rows]
        found = translator.graph("align")(tf.constant(sources), tf.constant(targets))
        self.attention = found["attention"]  # (rows, layers, heads, target, source)
        self._words = (
            _word_numbers(translator.source_tokenizer, sources, found["source_tokens"]),
            _word_numbers(translator.target_tokenizer, targets, found["target_tokens"]),
        )

    def score(self, attention: tf.Tensor, *, by_share: bool, is_next: bool = False) -> Score:
        """Score the alignments by weights, `(rows, layers, heads, target, source)`.

        Args:
            attention: the weights of some layers and heads.
            by_share: whether words are aligned by shares in attention, and not by weights.
            is_next: whether a token's weights are those of the step that reads it.
        """
        weights = alignment_weights(attention)
        if is_next:
            weights = tf.concat([weights[:, 1:], weights[:, -1:]], axis=1)
        hardly = {} if by_share else {"hardly": _BY_WEIGHT}
        found = word_alignment(weights, *self._words, **hardly).numpy()
        return score(self._rows, [alignment.decode() for alignment in found])

    def choices(self) -> Iterator[tuple[str, tf.Tensor]]:
        """Yield choices of layers and heads, with their weights."""
        _, layers, heads, _, _ = self.attention.shape
        for layer in range(layers):
            yield f"layer {layer + 1}", self.attention[:, layer : layer + 1]
        each = [
            (f"layer {layer + 1}, head {head + 1}", self.attention[:, layer, head][:, None, None])
            for layer in range(layers)
            for head in range(heads)
        ]
        yield min(each, key=lambda choice: self.score(choice[1], by_share=False).error_rate)
        yield "all layers", self.attention


def _word_numbers(tokenizer: Tokenizer, texts: list[str], tokens: tf.Tensor) -> tf.Tensor:
    """Return the number of the word of each token, `(texts, tokens)`: see `numbers_of_words`."""
    ids = tokenizer.tokenize(texts)
    ids = tf.concat([ids, tf.fill([len(texts), 1], END)], axis=1).to_tensor(PAD)
    return numbers_of_words(ids, tokens, tokenizer)
