"""The common part of the engines that go from ids to ids.

An export contains a copy of this file, which therefore imports only NumPy, `line_translator` and
the standard library.
"""

from __future__ import annotations

import functools
import queue
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from tf_transformer.export.line_translator import AnyTokenizer, Found, Row, load_json

END_ID = 3

Find = Callable[[np.ndarray, np.ndarray, int, float], tuple[np.ndarray, np.ndarray]]
"""From source ids (with END, then zeros), limits, the size of the beam and its length penalty to
the ids and the score of each row's best translation."""


class IdEngine:
    """Runs a model that goes from ids to ids, batches side by side.

    Args:
        open_model: opens the model of a directory; called for each batch that runs at the same
            time.
        directory: of the export.
        threads: batches side by side.
        source: tokenizer of the source.
        target: tokenizer of the target.
    """

    def __init__(
        self,
        open_model: Callable[[Path], Find],
        directory: Path,
        threads: int,
        source: AnyTokenizer,
        target: AnyTokenizer,
    ) -> None:
        self._numbers = {name: number for number, name in enumerate(source.names)}
        self._names = target.names
        self._max_length = load_json(directory / "config.json")["max_length"]
        self._finders: queue.SimpleQueue[Find] = queue.SimpleQueue()
        for _ in range(threads):
            self._finders.put(open_model(directory))
        self._pool = ThreadPoolExecutor(threads)

    def search(
        self, batches: Sequence[Sequence[Row]], beam_size: int, length_penalty: float
    ) -> Iterable[list[Found]]:
        """See `Engine.search`."""
        each = functools.partial(self._search, beam_size=beam_size, length_penalty=length_penalty)
        return map(each, batches) if len(batches) == 1 else self._pool.map(each, batches)

    def _search(self, batch: Sequence[Row], beam_size: int, length_penalty: float) -> list[Found]:
        sources = [
            [*(self._numbers[name] for name in row.tokens[: self._max_length - 1]), END_ID]
            for row in batch
        ]
        source_ids = np.zeros((len(batch), max(map(len, sources))), np.int32)
        for line, source in zip(source_ids, sources, strict=True):
            line[: len(source)] = source
        limits = np.array([row.limit for row in batch], np.int32)
        find = self._finders.get()
        try:
            ids, scores = find(source_ids, limits, beam_size, length_penalty)
        finally:
            self._finders.put(find)
        return [
            Found([self._names[token] for token in written(row)], float(score))
            for row, score in zip(ids, scores, strict=True)
        ]


def written(ids: np.ndarray) -> np.ndarray:
    """Return the ids before END, or before the zeros that follow a translation that was cut."""
    ends = np.flatnonzero(ids == END_ID)
    return ids[: ends[0]] if len(ends) else np.trim_zeros(ids, "b")
