"""How well attention aligns words, measured on sentences that were aligned by hand.

    python -m benchmarks.alignment --run_dir=runs/phrasebook-tiny
    python -m benchmarks.alignment --run_dir=pt_en --aligned=benchmarks/aligned/everyday.tsv

The model writes the given translations. Printed is the alignment error rate of Och & Ney 2003, and
how many words of the translations are aligned as they may be, for the weights of each layer, of the
best head, and of all together, read at the step that writes a token, and at the next one, which
reads it (Chen et al. 2020). Words are aligned by weights, or by shares as in `word_alignment`.

A line of the file has a sentence, its translation, and pairs of their words: `0-0` where they
belong together, `0p0` where one may say that they do.
"""

from __future__ import annotations

from tf_transformer.cli import command_line  # first: it keeps TensorFlow's start-up quiet

# isort: split
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import tensorflow as tf
from absl import flags

import tf_transformer as tft
from tf_transformer.tasks import Translator
from tf_transformer.tasks.attention import alignment_weights
from tf_transformer.tasks.word_alignment import numbers_of_words, word_alignment
from tf_transformer.text import END, PAD, Tokenizer

FLAGS = flags.FLAGS
flags.DEFINE_string("run_dir", "runs/phrasebook-tiny", "the run, or a translator of the package")
flags.DEFINE_string("aligned", "benchmarks/aligned/phrasebook.tsv", "sentences aligned by hand")

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


def main() -> None:
    run_dir = FLAGS.run_dir
    translator = tft.load(run_dir) if Path(run_dir).exists() else tft.from_pretrained(run_dir)
    looks = Looks(translator, read_aligned(FLAGS.aligned))
    columns = ("by weight", "next step", "by share")
    print(f"{'error rate (right words)':24}", *(f"{each:>17}" for each in columns), sep="  ")
    for name, attention in looks.choices():
        scores = [
            looks.score(attention, by_share=False),
            looks.score(attention, by_share=False, is_next=True),
            looks.score(attention, by_share=True),
        ]
        print(f"{name:24}", *(f"{each!s:>17}" for each in scores), sep="  ")


if __name__ == "__main__":
    command_line.run(main)
