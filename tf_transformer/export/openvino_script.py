"""Translate lines of standard input with the OpenVINO model in this script's directory.

    pip install openvino sentencepiece
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

import functools
from pathlib import Path

import numpy as np
import openvino

# An export contains what is imported from here.
from tf_transformer.export.id_engine import IdEngine
from tf_transformer.export.line_translator import HERE, LineTranslator, run
from tf_transformer.export.step_search import Run, StepSearch, Tensors


def find_with(directory: Path, intra_threads: int = 1) -> StepSearch:
    """Return the search with the files of a directory.

    The graph `encoder` reads the sources, and `step` takes one more token of each translation:
    README.md names their inputs and outputs.
    """
    search = StepSearch(
        *(_graph(directory / name, intra_threads) for name in ("encoder.xml", "step.xml"))
    )
    # If two threads make the first call of all, OpenVINO may wait for itself for ever (2026.4.1).
    search(np.array([[3]], np.int32), np.array([1], np.int32), 1, 0.0)
    return search


def _graph(path: Path, intra_threads: int) -> Run:
    options = {"INFERENCE_NUM_THREADS": intra_threads, "INFERENCE_PRECISION_HINT": "f32"}
    model = openvino.Core().compile_model(path, "CPU", options)
    names = [output.any_name for output in model.outputs]

    def call(inputs: Tensors) -> Tensors:
        found = model(inputs, share_inputs=True)
        return {name: found[name] for name in names}

    return call


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
