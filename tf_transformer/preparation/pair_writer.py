"""The second reading of a corpus: from text to blocks of token ids."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tf_transformer.data import Pairs, tokenize_pairs
from tf_transformer.data.blocks import BlockWriter, id_type
from tf_transformer.data.buckets import padded_lengths
from tf_transformer.data.copied_words import with_placeholders
from tf_transformer.data.mixture import present, without
from tf_transformer.data.ragged import Ragged, prepend, select_rows, with_specials
from tf_transformer.preparation.survey import hash_of
from tf_transformer.text import load_tokenizers
from tf_transformer.text.placeholders import has_placeholders

HELD_OUT = "held out"


@dataclasses.dataclass(frozen=True)
class PartJob:
    """What is done with the pairs of a corpus for one part of the training.

    Args:
        corpus: number of the corpus.
        form: form of its text that is changed to text for people; empty for none.
        known: keys of texts that other corpora hold out: see `mixture.without`.
        turned: whether its targets are translated into its sources.
        tag: id of the tag before the sources, or `None`.
    """

    corpus: int
    form: str = ""
    known: Sequence[set[str]] = ()
    turned: bool = False
    tag: int | None = None


@dataclasses.dataclass(frozen=True)
class Job:
    """What all writers need to know.

    Args:
        directory: where the blocks and the tokenizers are.
        parts: what is done with the corpora.
        bounds: for each corpus, the bounds of the hashes of its training pairs: see `Survey`.
        shapes: padded lengths of the pairs that share blocks, `(2, shapes)`.
        max_length: as of `tokenize_pairs`.
        unseen_share: share of the pairs that come a second time, with placeholders.
        seed: seed of the placeholders.
    """

    directory: Path
    parts: Sequence[PartJob]
    bounds: Sequence[tuple[bytes, bytes]]
    shapes: np.ndarray
    max_length: int
    unseen_share: float
    seed: int

    @property
    def tokenizer_dir(self) -> Path:
        """Where the tokenizers are."""
        return self.directory / "tokenizer"


@dataclasses.dataclass(frozen=True)
class Written:
    """What a writer has written.

    Args:
        files: names of its files.
        table: their blocks: see `blocks.TABLE`.
        left_out: number of unusable pairs for each reason.
        copies: number of pairs that come a second time.
    """

    files: list[str]
    table: np.ndarray
    left_out: collections.Counter[str]
    copies: int


class PairWriter:
    """Turns pairs into token ids, and writes them.

    Args:
        job: what to do.
        name: name of its files.
    """

    def __init__(self, job: Job, name: str) -> None:
        self._job = job
        self._tokenizers = load_tokenizers(job.tokenizer_dir)
        sizes = (tokenizer.vocab_size for tokenizer in self._tokenizers)
        self._blocks = BlockWriter(job.directory, name, id_type(max(sizes)))
        self._left_out: collections.Counter[str] = collections.Counter()
        self._copies = 0

    def add(self, corpus: int, number: int, pairs: Pairs) -> None:
        """Write a chunk of a corpus.

        Args:
            corpus: number of the corpus.
            number: number of the chunk.
            pairs: its pairs.
        """
        pairs = self._to_train_on(pairs.cleaned(), self._job.bounds[corpus])
        for part, job in enumerate(self._job.parts):
            if job.corpus == corpus:
                self._write(part, job, number, pairs)

    def close(self) -> Written:
        """Write what is left."""
        return Written(*self._blocks.close(), self._left_out, self._copies)

    def _to_train_on(self, pairs: Pairs, bounds: tuple[bytes, bytes]) -> Pairs:
        """Return the pairs that are not held out."""
        low, high = bounds
        rest = Pairs.of(pair for pair in pairs if low < hash_of(pair[0]) < high) if low else pairs
        self._left_out[HELD_OUT] += len(pairs) - len(rest)
        return rest

    def _write(self, part: int, job: PartJob, number: int, pairs: Pairs) -> None:
        shown = present(pairs, job.form) if job.form else pairs
        rest = without(shown, job.known)
        self._left_out[HELD_OUT] += len(shown) - len(rest)
        shown = Pairs(rest.targets, rest.sources) if job.turned else rest
        if self._job.unseen_share and has_placeholders(*self._tokenizers):
            more = with_placeholders(shown, self._job.unseen_share, self._job.seed + number)
            self._copies += len(more) - len(shown)
            shown = more
        length = self._job.max_length - (job.tag is not None)
        found = tokenize_pairs(shown, *self._tokenizers, max_length=length)
        self._left_out.update(found.left_out)
        sources = found.sources if job.tag is None else prepend(found.sources, job.tag)
        self._add(part, sources, found.targets)

    def _add(self, part: int, sources: Ragged, targets: Ragged) -> None:
        """Add pairs to the blocks of their shapes."""
        lengths = np.stack([sources.lengths, targets.lengths + 1])  # (2, pairs)
        shape_of = padded_lengths(lengths, self._job.shapes).argmin(axis=1)
        targets = with_specials(targets)
        for shape in np.unique(shape_of):
            rows = shape_of == shape
            self._blocks.add(
                int(shape), part, select_rows(sources, rows), select_rows(targets, rows)
            )
