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
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

# An export contains what is imported from here.
from tf_transformer.export.id_engine import Find, IdEngine
from tf_transformer.export.line_translator import HERE, LineTranslator, run


def find_with(directory: Path, intra_threads: int = 1) -> Find:
    """Return the search of a directory's model.

    `model.tflite` has two signatures, from source ids (with END, then zeros) and limits to ids,
    scores and whether the limit came before END: `greedy`, and `beam`, which also takes the size of
    the beam and its length penalty.
    """
    model = Interpreter(str(directory / "model.tflite"), num_threads=intra_threads)
    greedy, beam = (model.get_signature_runner(name) for name in ("greedy", "beam"))

    def find(
        source_ids: np.ndarray, limits: np.ndarray, beam_size: int, length_penalty: float
    ) -> tuple[np.ndarray, np.ndarray]:
        if beam_size == 1:
            found = greedy(source_ids=source_ids, limits=limits)
            return found["ids"], found["scores"]
        found = beam(
            source_ids=source_ids,
            limits=limits,
            beam_size=np.int32(beam_size),
            alpha=np.float32(length_penalty),
        )
        return found["ids"][:, 0], found["scores"][:, 0]

    with _silent_stderr():  # LiteRT reports how it prepares a model for its first call
        find(np.array([[3]], np.int32), np.array([0], np.int32), 1, 0.0)
    return find


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
    """Load the model of a directory.

    Args:
        threads: batches side by side. Defaults to 1.
        directory: of the export. Defaults to that of this script.
        intra_threads: threads within an operation; more than one can be slower. Defaults to 1.
    """
    open_model = functools.partial(find_with, intra_threads=intra_threads)
    return LineTranslator(functools.partial(IdEngine, open_model), directory, threads)


def main() -> None:
    """Translate standard input."""
    run(__doc__.splitlines()[0], load, threads=1)


if __name__ == "__main__":
    main()
