"""Sentence pairs that are read one after the other, because they do not fit in memory."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

from tf_transformer.config.bleu_words import words_of_language, words_of_texts
from tf_transformer.data import Corpus, Pairs, text_files, tfds_corpus
from tf_transformer.data.everyday import EVERYDAY, everyday_corpus
from tf_transformer.data.header_line import is_header
from tf_transformer.errors import UserError

CHUNK = 8_192  # pairs that are read and tokenised together
_HEAD = 1_000  # first lines of a file, which show how it is written

Rows = Iterator[tuple[str, str]]


@dataclasses.dataclass(frozen=True)
class PairStream:
    """A corpus whose training pairs are read one after the other.

    Args:
        corpus: the corpus. Its splits are those that are held out; none if `prepare` must hold
            pairs out.
        rows: function that reads the training pairs from the beginning.
    """

    corpus: Corpus
    rows: Callable[[], Rows] = dataclasses.field(repr=False)

    def chunks(self) -> Iterator[Pairs]:
        """Read the training pairs, 8,192 at a time."""
        rows = self.rows()
        while chunk := [*itertools.islice(rows, CHUNK)]:
            yield Pairs.of(chunk)


def open_stream(
    name: str, data_dir: str | None = None, text_form: str = "", bleu_tokenize: str = ""
) -> PairStream:
    """Open a corpus to read: see `load_corpus` for the arguments.

    Raises:
        UserError: if there is no such corpus, or if it cannot be read.
    """
    if name == EVERYDAY:
        stream = _in_memory(everyday_corpus())
    elif "," in name:
        stream = _aligned_stream(name)
    elif name.lower().endswith((".tsv", ".tsv.gz")):
        stream = _tsv_stream(name)
    elif files := _tsv_files(name):
        stream = _folder_stream(name, files)
    else:
        stream = _tfds_stream(name, data_dir)
    corpus = dataclasses.replace(
        stream.corpus,
        text_form=text_form or stream.corpus.text_form,
        tokenize=bleu_tokenize or stream.corpus.tokenize,
    )
    return dataclasses.replace(stream, corpus=corpus)


def _in_memory(corpus: Corpus) -> PairStream:
    held = {split: size for split, size in corpus.splits.items() if split not in ("train", "all")}
    rows = functools.partial(iter, corpus.pairs("train"))
    return PairStream(dataclasses.replace(corpus, splits=held), rows)


def _tsv_stream(path: str) -> PairStream:
    def rows() -> Rows:
        lines = text_files.stream_lines(path)
        return text_files.split_lines(path, lines, "source", "target")

    head = [*itertools.islice(rows(), _HEAD)]
    quoted = text_files.are_quoted(path, head)
    if quoted:
        head = [*map(text_files.unquoted, head)]
    start = _first_row(path, head)

    def read() -> Rows:
        found = itertools.islice(rows(), start, None)
        return map(text_files.unquoted, found) if quoted else found

    return _own_files(path, "source", "target", head[start:], [path], read)


def _tsv_files(name: str) -> list[str]:
    """Return the files of two columns in a folder, in the order of their names."""
    folder = Path(name)
    files = [*folder.glob("*.tsv"), *folder.glob("*.tsv.gz")] if folder.is_dir() else []
    return sorted(map(str, files))


def _folder_stream(name: str, files: list[str]) -> PairStream:
    streams = [_tsv_stream(path) for path in files]
    licenses = dict.fromkeys(stream.corpus.license for stream in streams)
    corpus = dataclasses.replace(streams[0].corpus, name=name, license="; ".join(licenses))
    return PairStream(corpus, lambda: itertools.chain.from_iterable(s.rows() for s in streams))


def _aligned_stream(paths: str) -> PairStream:
    files = text_files.two_files(paths)

    def rows() -> Rows:
        sides = [text_files.stream_lines(path) for path in files]
        for count, (source, target) in enumerate(itertools.zip_longest(*sides)):
            if source is None or target is None:
                counts = [
                    count + (first is not None) + sum(1 for _ in side)
                    for first, side in zip((source, target), sides, strict=True)
                ]
                text_files.require_aligned(files, *counts)
            yield source, target

    head = [*itertools.islice(rows(), _HEAD)]
    start = _first_row(paths, head)

    def read() -> Rows:
        return itertools.islice(rows(), start, None)

    return _own_files(paths, *text_files.languages_of(files), head[start:], files, read)


def _first_row(path: str, head: list[tuple[str, str]]) -> int:
    """Return the number of the first row below the header, if there is one."""
    if not any(source.strip() or target.strip() for source, target in head):
        raise UserError(f"{path}: the file is empty")
    start = is_header(path, head[0], "source", "target")
    if start == len(head):
        raise UserError(f"{path}: there is nothing below the header line")
    return int(start)


def _own_files(
    name: str,
    source_language: str,
    target_language: str,
    head: list[tuple[str, str]],
    files: list[str],
    read: Callable[[], Rows],
) -> PairStream:
    words = words_of_language(target_language) or words_of_texts([target for _, target in head])
    license = text_files.license_of(files)
    corpus = Corpus(name, source_language, target_language, {}, {}.get, license, tokenize=words)
    return PairStream(corpus, read)


def _tfds_stream(name: str, data_dir: str | None) -> PairStream:
    builder, corpus = tfds_corpus.open_corpus(name, data_dir)
    languages = [corpus.source_language, corpus.target_language]

    def rows() -> Rows:
        for columns in tfds_corpus.stream_columns(builder, languages, "train"):
            yield from zip(*(tfds_corpus.decoded(column) for column in columns), strict=True)

    held = {split: size for split, size in corpus.splits.items() if split != "train"}
    return PairStream(dataclasses.replace(corpus, splits=held), rows)
