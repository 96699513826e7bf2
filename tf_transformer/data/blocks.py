"""Token ids of sentence pairs in files, in blocks that are read one by one.

A block holds up to 256 pairs of similar lengths:

    lengths of the sources, then of the targets    uint16
    ids of the sources, one after the other, then of the targets    uint16 or uint32

Each source is closed with END; each target has START before it and END after it. A table, which
fits in memory, says where each block is, and what its checksum is. A block is thus read at once,
from any place, and damage is noticed.
"""

from __future__ import annotations

import dataclasses
import os
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tf_transformer.data.ragged import Ragged, concatenate, slice_rows
from tf_transformer.errors import UserError

BLOCK_PAIRS = 256
_FILE_BYTES = 1 << 30  # a file is closed when it has more
_LENGTH = np.dtype("<u2")
_AGAIN = "run tft prepare again"

TABLE = np.dtype(
    [
        ("shape", "<u2"),  # number of the shape: pairs of similar lengths
        ("part", "<u2"),  # number of the part of a mixture
        ("pairs", "<u2"),
        ("file", "<u4"),
        ("offset", "<u8"),  # bytes
        ("size", "<u4"),  # bytes
        ("checksum", "<u4"),  # CRC-32
        ("source_tokens", "<u4"),  # END included
        ("target_tokens", "<u4"),  # END included, START not
        ("source_length", "<u2"),  # of the longest
        ("target_length", "<u2"),
    ]
)


def id_type(vocab_size: int) -> np.dtype:
    """Return the type in which the ids of a vocabulary are kept."""
    return np.dtype("<u2") if vocab_size <= 1 << 16 else np.dtype("<u4")


class BlockWriter:
    """Writes pairs into blocks: one writer for each process.

    Args:
        directory: an existing directory.
        name: name of the writer, the beginning of its files' names.
        ids: type of the ids: see `id_type`.

    Example:
        ```python
        import tempfile

        from tf_transformer.data.blocks import BlockWriter, id_type
        from tf_transformer.data.ragged import Ragged

        writer = BlockWriter(tempfile.mkdtemp(), "ids-0", id_type(8000))
        sources, targets = Ragged.of([7, 8, 3], [3]), Ragged.of([2, 9, 3], [3])
        writer.add(0, 0, sources, targets)
        files, table = writer.close()
        table["pairs"]  # [1]
        ```
    """

    def __init__(self, directory: str | os.PathLike, name: str, ids: np.dtype) -> None:
        self._directory = Path(directory)
        self._name = name
        self._ids = ids
        self._waiting: dict[tuple[int, int], list[tuple[Ragged, Ragged]]] = {}
        self._files: list[str] = []
        self._rows: list[tuple[int, ...]] = []
        self._file = None

    def add(self, shape: int, part: int, sources: Ragged, targets: Ragged) -> None:
        """Add pairs of a shape and a part, which come into blocks in this order."""
        waiting = self._waiting.setdefault((shape, part), [])
        waiting.append((sources, targets))
        if sum(len(each) for each, _ in waiting) < BLOCK_PAIRS:
            return
        sides = [concatenate(rows) for rows in zip(*waiting, strict=True)]
        whole = len(sides[0]) // BLOCK_PAIRS * BLOCK_PAIRS
        for start in range(0, whole, BLOCK_PAIRS):
            self._write(shape, part, *(slice_rows(rows, start, BLOCK_PAIRS) for rows in sides))
        sources, targets = (slice_rows(rows, whole, BLOCK_PAIRS) for rows in sides)
        self._waiting[shape, part] = [(sources, targets)]

    def close(self) -> tuple[list[str], np.ndarray]:
        """Write what is left.

        Returns:
            The names of the files, and their part of the table.
        """
        for (shape, part), waiting in sorted(self._waiting.items()):
            sources, targets = (concatenate(rows) for rows in zip(*waiting, strict=True))
            if len(sources):
                self._write(shape, part, sources, targets)
        self._waiting = {}
        self._close_file()
        return self._files, np.array(self._rows, TABLE)

    def _write(self, shape: int, part: int, sources: Ragged, targets: Ragged) -> None:
        """Write a block."""
        if self._file is None or self._file.tell() >= _FILE_BYTES:
            self._close_file()
            self._files.append(f"{self._name}-{len(self._files):04}.ids")
            self._file = (self._directory / self._files[-1]).open("wb")
        lengths = [sources.lengths, targets.lengths]
        ids = np.concatenate([sources.values, targets.values]).astype(self._ids)
        block = np.concatenate(lengths).astype(_LENGTH).tobytes() + ids.tobytes()
        self._rows.append(
            (
                *(shape, part, len(sources)),
                *(len(self._files) - 1, self._file.tell(), len(block), zlib.crc32(block)),
                *(len(sources.values), len(targets.values) - len(targets)),
                *(lengths[0].max(), lengths[1].max() - 1),
            )
        )
        self._file.write(block)

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        self._file = None


@dataclasses.dataclass(frozen=True, eq=False)
class Blocks:
    """Blocks of pairs in files.

    Args:
        directory: where the files are.
        files: their names.
        table: where each block is, of the type `TABLE`.
        ids: type of the ids.

    Raises:
        UserError: if a file is missing or too short.
    """

    directory: Path
    files: Sequence[str]
    table: np.ndarray
    ids: np.dtype

    def __post_init__(self) -> None:
        for number, name in enumerate(self.files):
            blocks = self.table[self.table["file"] == number]
            needed = int((blocks["offset"] + blocks["size"]).max(initial=0))
            try:
                size = (self.directory / name).stat().st_size
            except OSError as error:
                raise UserError(f"{self.directory / name}: {error.strerror}; {_AGAIN}") from error
            if size != needed:
                raise UserError(
                    f"{self.directory / name} has {size:,} bytes, but {needed:,} were written; "
                    f"{_AGAIN}"
                )

    def read(self, numbers: Sequence[int]) -> tuple[Ragged, Ragged]:
        """Read blocks.

        Args:
            numbers: their numbers in the table.

        Returns:
            Their sources and targets, in this order.

        Raises:
            UserError: if one is damaged or cannot be read.
        """
        opened: dict[int, int] = {}
        try:
            sides = [self._read(row, opened) for row in self.table[numbers]]
        finally:
            for file in opened.values():
                os.close(file)
        return tuple(
            Ragged.of(
                np.concatenate([block[side][1] for block in sides]),
                np.concatenate([block[side][0] for block in sides]),
            )
            for side in (0, 1)
        )

    def _read(self, row: np.void, opened: dict[int, int]) -> tuple[tuple, tuple]:
        """Read a block: lengths and ids of the sources, and of the targets."""
        path = self.directory / self.files[row["file"]]
        try:
            if row["file"] not in opened:
                opened[row["file"]] = os.open(path, os.O_RDONLY)
            block = os.pread(opened[row["file"]], int(row["size"]), int(row["offset"]))
        except OSError as error:
            raise UserError(f"{path}: cannot be read ({error.strerror}); {_AGAIN}") from error
        if zlib.crc32(block) != row["checksum"]:
            raise UserError(f"{path} is damaged at byte {row['offset']:,}; {_AGAIN}")
        pairs = int(row["pairs"])
        lengths = np.frombuffer(block, _LENGTH, 2 * pairs)
        ids = np.frombuffer(block, self.ids, offset=lengths.nbytes)
        middle = int(row["source_tokens"])
        return (lengths[:pairs], ids[:middle]), (lengths[pairs:], ids[middle:])
