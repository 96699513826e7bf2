"""Translate lines of standard input with the LiteRT model in this script's directory.

    pip install ai-edge-litert sentencepiece
    python translate.py < sentences.txt

No other package is needed, neither TensorFlow nor the one that made the model. In a program:

    import sys

    sys.path.insert(0, "PATH_OF_THIS_DIRECTORY")
    from translate import load

    translate = load()
    translate("…")
    translate(["…", "…"], beam_size=4)
"""

from __future__ import annotations

import contextlib
import functools
import os
import queue
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter, SignatureRunner

# An export contains what is imported from here.
from tf_transformer.export.line_translator import (
    HERE,
    AnyTokenizer,
    Found,
    LineTranslator,
    Row,
    load_json,
    run,
)

END = 3
SIGNATURES = ("greedy", "beam")


class LiteRT:
    """Runs the model with LiteRT, batches side by side.

    `model.tflite` has two signatures, from source ids (with END, then zeros) and limits to ids,
    scores and whether the limit came before END: `greedy`, and `beam`, which also takes the size of
    the beam and its length penalty.

    Args:
        directory: of the export.
        threads: batches side by side.
        source: tokenizer of the source.
        target: tokenizer of the target.
        intra_threads: threads within an operation; more than one can be slower. Defaults to 1.
    """

    def __init__(
        self,
        directory: Path,
        threads: int,
        source: AnyTokenizer,
        target: AnyTokenizer,
        intra_threads: int = 1,
    ) -> None:
        self._numbers = {name: number for number, name in enumerate(source.names)}
        self._names = target.names
        self._max_length = load_json(directory / "config.json")["max_length"]
        self._models: queue.SimpleQueue[dict[str, SignatureRunner]] = queue.SimpleQueue()
        for _ in range(threads):
            model = Interpreter(str(directory / "model.tflite"), num_threads=intra_threads)
            self._models.put({name: model.get_signature_runner(name) for name in SIGNATURES})
        with _silent_stderr():  # LiteRT reports how it prepares a model for its first call
            for _ in range(threads):
                self._search([Row([], 0)], beam_size=1, length_penalty=0.0)
        self._pool = ThreadPoolExecutor(threads)

    def search(
        self, batches: Sequence[Sequence[Row]], beam_size: int, length_penalty: float
    ) -> Iterable[list[Found]]:
        """See `Engine.search`."""
        each = functools.partial(self._search, beam_size=beam_size, length_penalty=length_penalty)
        return map(each, batches) if len(batches) == 1 else self._pool.map(each, batches)

    def _search(self, batch: Sequence[Row], beam_size: int, length_penalty: float) -> list[Found]:
        sources = [
            [*(self._numbers[name] for name in row.tokens[: self._max_length - 1]), END]
            for row in batch
        ]
        source_ids = np.zeros((len(batch), max(map(len, sources))), np.int32)
        for line, source in zip(source_ids, sources, strict=True):
            line[: len(source)] = source
        inputs = {"source_ids": source_ids, "limits": np.array([row.limit for row in batch], "i4")}
        if beam_size == 1:
            found = self._run("greedy", **inputs)
            ids, scores = found["ids"], found["scores"]
        else:
            penalty = np.float32(length_penalty)
            found = self._run("beam", **inputs, beam_size=np.int32(beam_size), alpha=penalty)
            ids, scores = found["ids"][:, 0], found["scores"][:, 0]
        return [
            Found([self._names[token] for token in _written(row)], float(score))
            for row, score in zip(ids, scores, strict=True)
        ]

    def _run(self, signature: str, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        model = self._models.get()
        try:
            return model[signature](**inputs)
        finally:
            self._models.put(model)


def _written(ids: np.ndarray) -> np.ndarray:
    """Return the ids before END, or before the zeros that follow a translation that was cut."""
    ends = np.flatnonzero(ids == END)
    return ids[: ends[0]] if len(ends) else np.trim_zeros(ids, "b")


@contextlib.contextmanager
def _silent_stderr() -> Iterator[None]:
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def load(threads: int = 1, directory: Path = HERE, intra_threads: int = 1) -> LineTranslator:
    """Load the model of a directory: see `LiteRT`."""
    make_engine = functools.partial(LiteRT, intra_threads=intra_threads)
    return LineTranslator(make_engine, directory, threads)


def main() -> None:
    """Translate standard input."""
    run(__doc__.splitlines()[0], load, threads=1)


if __name__ == "__main__":
    main()
