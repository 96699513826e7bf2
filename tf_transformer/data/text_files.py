"""Corpora from the user's own files: one TSV file, or two aligned text files."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from tf_transformer.config.bleu_words import words_of_language, words_of_texts
from tf_transformer.data import duplicates
from tf_transformer.data.corpus import Corpus
from tf_transformer.data.header_line import is_header
from tf_transformer.data.pairs import Pairs
from tf_transformer.errors import UserError, counted, warn
from tf_transformer.text.rules import WHITE_SPACE

MOST_HELD_OUT = 2_000  # pairs in a split
_GZIP = b"\x1f\x8b"  # the first bytes of a gzipped file, but of no UTF-8 text
_ENDS = re.compile(rf"\A{WHITE_SPACE}|{WHITE_SPACE}\Z")
_LICENSE_TAGS = re.compile(r"SPDX-License-Identifier:|SPDX-FileCopyrightText:")
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_JUDGED = 10  # fewest lines of a file that show whether its cells are quoted
_HEAD = 1 << 16  # bytes of a file that show whether it is text
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF16 = "UTF-16 (Windows calls it Unicode)"


def tsv_corpus(path: str) -> Corpus:
    """Read a file of two columns, source TAB target, one pair per line.

    Raises:
        UserError: if the file cannot be read, or a line does not have two columns.
    """
    rows = read_columns(path, "source", "target")
    sources, targets = map(list, zip(*rows, strict=True))
    return split_corpus(path, "source", "target", Pairs(sources, targets), license_of([path]))


def read_columns(path: str, first: str, second: str) -> list[tuple[str, str]]:
    """Read a file of two columns separated by TAB, and strip the white space around cells.

    Blank lines are left out, and so is a header line that names the columns, and quotation marks if
    all cells have them, as spreadsheets write. A warning on standard error says so.

    Args:
        path: path of the file.
        first: contents of the first column.
        second: contents of the second column.

    Raises:
        UserError: if the file cannot be read, if a line does not have two columns, if the header
            names them in the opposite order, or if there is no other line.
    """
    lines = read_lines(path)
    rows = [*split_lines(path, lines, first, second)]
    if blank := len(lines) - len(rows):
        warn(f"{path}: {counted(blank, 'blank line is', 'blank lines are')} left out.")
    if are_quoted(path, rows):
        rows = [*map(unquoted, rows)]
    start = is_header(path, rows[0], first, second)
    if start == len(rows):
        raise UserError(f"{path}: there is nothing below the header line")
    return rows[start:]


def split_lines(
    path: str, lines: Iterable[str], first: str, second: str
) -> Iterator[tuple[str, str]]:
    """Split the lines of a file into two columns, apart from blank ones: see `read_columns`."""
    for number, line in enumerate(lines, start=1):
        columns = line.split("\t")
        if not line.strip() and len(columns) == 1:
            continue
        if len(columns) != 2:
            raise UserError(
                f"{path}, line {number}: {counted(len(columns), 'column')} where two are needed, "
                f"{first} TAB {second}"
            )
        yield _ENDS.sub("", columns[0]), _ENDS.sub("", columns[1])


def are_quoted(path: str, rows: Sequence[tuple[str, str]]) -> bool:
    """Return whether all cells are in quotation marks; if so, warn that they are removed."""
    found = len(rows) >= _JUDGED and all(_QUOTED.fullmatch(cell) for row in rows for cell in row)
    if found:
        warn(f"{path}: all cells are in quotation marks, which are removed.")
    return found


def unquoted(row: tuple[str, str]) -> tuple[str, str]:
    """Remove the quotation marks around the cells of a row."""
    first, second = (_ENDS.sub("", cell[1:-1].replace('""', '"')) for cell in row)
    return first, second


def aligned_corpus(paths: str) -> Corpus:
    """Read two files with one sentence per line, whose lines translate each other.

    Args:
        paths: `SOURCE_FILE,TARGET_FILE`; the languages are the files' suffixes, as in
            `train.pt,train.en.gz`.

    Raises:
        UserError: if there are not two files, if one cannot be read, or if their lengths differ.
    """
    files = two_files(paths)
    sources, targets = (read_lines(path) for path in files)
    require_aligned(files, len(sources), len(targets))
    start = is_header(paths, (sources[0], targets[0]), "source", "target")
    if start == len(sources):
        raise UserError(f"{paths}: there is nothing below the header lines")
    return split_corpus(
        paths,
        *languages_of(files),
        Pairs(sources[start:], targets[start:]),
        license_of(files),
    )


def two_files(paths: str) -> list[str]:
    """Return the two files of `SOURCE_FILE,TARGET_FILE`."""
    files = [path.strip() for path in paths.split(",")]
    if len(files) != 2:
        raise UserError(
            f"{paths}: {counted(len(files), 'file')} where two are needed, SOURCE,TARGET"
        )
    return files


def require_aligned(files: Sequence[str], sources: int, targets: int) -> None:
    """Check that two files have equally many lines."""
    if sources != targets:
        raise UserError(
            f"{files[0]} has {counted(sources, 'line')} but {files[1]} has {targets:,}: "
            "a sentence and its translation must be on the same line of their files"
        )


def languages_of(files: Sequence[str]) -> tuple[str, str]:
    """Return the languages of two files by their names: `pt` and `en` of train.pt, train.en.gz."""
    suffixes = (os.path.splitext(path.lower().removesuffix(".gz"))[1] for path in files)
    source, target = (suffix.lstrip(".") for suffix in suffixes)
    return source or "source", target or "target"


def split_corpus(
    name: str, source_language: str, target_language: str, pairs: Pairs, license: str = "unknown"
) -> Corpus:
    """Make a corpus of one set of pairs, cleaned: the splits of `hold_out`, and `all` of them.

    A warning on standard error says how many pairs repeat another.
    """
    held, found = hold_out(pairs), duplicates.report(pairs)
    if found:
        warn(f"{name}: {found}")
    pairs = pairs.cleaned()
    splits = {**{split: part.cleaned() for split, part in held.items()}, "all": pairs}
    sizes = {split: len(part) for split, part in splits.items()}
    tokenize = words_of_language(target_language) or words_of_texts(pairs.targets)
    return Corpus(
        name,
        source_language,
        target_language,
        sizes,
        splits.__getitem__,
        license,
        tokenize=tokenize,
    )


def hold_out(pairs: Pairs) -> dict[str, Pairs]:
    """Hold pairs out of training for validation and test.

    The sentences with the smallest hashes go to `test`, those with the largest to `validation`: 2 %
    of the pairs each, at least one and at most 2,000. (A split is larger only if every sentence it
    could take is repeated more often than that.) The splits depend only on the text, not on a seed
    or an order. All translations of a source sentence are in one split, with those of sentences
    that differ from it only in white space and case: see `duplicates`.

    Returns:
        The pairs of `train`, `validation` and `test`, in their original order; no splits if there
        are fewer than three different source sentences.
    """
    groups = sorted(
        duplicates.groups_of(pairs),
        key=lambda rows: stable_hash(min(pairs.sources[row] for row in rows)),
    )
    if len(groups) < 3:
        return {}
    size = min(MOST_HELD_OUT, max(1, len(pairs) // 50))
    third = len(groups) // 3
    test = _take(groups[:third], size)
    validation = _take(groups[: -third - 1 : -1], size)
    train = set(range(len(pairs))).difference(test, validation)
    return {
        "train": _select(pairs, train),
        "validation": _select(pairs, validation),
        "test": _select(pairs, test),
    }


def read_lines(path: str) -> list[str]:
    """Read all the lines of a text file: see `stream_lines`.

    Raises:
        UserError: if the file is missing, unreadable, empty, broken, or not UTF-8.
    """
    lines = [*stream_lines(path)]
    if not any(map(str.strip, lines)):
        raise UserError(f"{path}: the file is empty")
    return lines


def stream_lines(path: str) -> Iterator[str]:
    r"""Read the lines of a UTF-8 text file, which may be gzipped, one by one.

    A line ends at `\n`, with any `\r` before it. It does not end at U+2028 and similar characters,
    which occur inside sentences. A byte order mark at the start is not part of the text.

    Raises:
        UserError: if the file is missing, unreadable, broken, or not UTF-8.
    """
    try:
        with _open(path) as file:
            head = file.read(_HEAD)
            file.seek(0)
            _require_text(head, path)
            for number, line in enumerate(file, start=1):
                text = _decode(line, path, number, head)
                yield (text.removeprefix("\ufeff") if number == 1 else text).rstrip("\r\n")
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UserError(f"{path}: broken or incomplete gzip file ({error})") from error
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from error


def license_of(paths: Iterable[str]) -> str:
    """Return the licence of the user's own files, which `FILE.license` beside each may name.

    Args:
        paths: paths of the files.

    Returns:
        The text of these files in one line, or `"unknown"` where there is none.

    Reference:
        *REUSE Specification*, https://reuse.software/spec
    """
    beside = [f"{path}.license" for path in paths]
    texts = [" ".join(read_lines(path)) for path in beside if os.path.exists(path)]
    plain = (" ".join(_LICENSE_TAGS.sub("", text).split()) for text in texts)
    return "; ".join(dict.fromkeys(plain)) or "unknown"


@contextlib.contextmanager
def _open(path: str) -> Iterator[BinaryIO]:
    with open(path, "rb") as file:
        is_gzip = path.lower().endswith(".gz") or file.peek(2).startswith(_GZIP)
        if not is_gzip:
            yield file
            return
        with gzip.GzipFile(fileobj=file) as text:
            yield text


def _require_text(head: bytes, path: str) -> None:
    if 10 * head.count(b"\0") > len(head) and not head.startswith(_UTF16_MARKS):
        raise UserError(f"{path}: {_UTF16} or no text at all; save the file as UTF-8")


def _decode(line: bytes, path: str, number: int, head: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        found = f" but {_UTF16}" if head.startswith(_UTF16_MARKS) else " text"
        raise UserError(
            f"{path}, line {number}: not UTF-8{found}; save the file as UTF-8"
        ) from error


def _take(groups: Iterable[Sequence[int]], size: int) -> list[int]:
    """Take whole groups of rows, in order, up to `size` rows; always at least one group."""
    taken: list[int] = []
    for rows in sorted(groups, key=lambda rows: len(rows) > size):  # oversized groups last
        if not taken or len(taken) + len(rows) <= size:
            taken.extend(rows)
    return taken


def _select(pairs: Pairs, rows: Iterable[int]) -> Pairs:
    rows = sorted(rows)
    return Pairs([pairs.sources[row] for row in rows], [pairs.targets[row] for row in rows])


def stable_hash(text: str) -> bytes:
    """Hash text; unlike with `hash`, the result is the same in every process."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
