"""Translate lines of standard input with the ONNX model in this script's directory.

    pip install onnxruntime sentencepiece
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

import onnxruntime

# An export contains what is imported from here.
from tf_transformer.export.id_engine import IdEngine
from tf_transformer.export.line_translator import HERE, LineTranslator, run
from tf_transformer.export.step_search import Run, StepSearch, Tensors


def find_with(directory: Path, intra_threads: int = 1) -> StepSearch:
    """Return the search with the files of a directory.

    `encoder.onnx` reads the sources, and `step.onnx` takes one more token of each translation:
    README.md names their inputs and outputs.
    """
    return StepSearch(
        *(_graph(directory / name, intra_threads) for name in ("encoder.onnx", "step.onnx"))
    )


def _graph(path: Path, intra_threads: int) -> Run:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = intra_threads
    options.log_severity_level = 3  # errors
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]

    def call(inputs: Tensors) -> Tensors:
        return dict(zip(names, session.run(names, inputs), strict=True))

    return call


def load(threads: int = 1, directory: Path = HERE, intra_threads: int = 1) -> LineTranslator:
    """Load the model of a directory.

    Args:
        threads: batches side by side. Defaults to 1.
        directory: of the export. Defaults to that of this script.
        intra_threads: threads within an operation; more than one can be slower. Defaults to 1.
    """
    # All batches share the sessions, which several threads may run.
    open_model = functools.cache(functools.partial(find_with, intra_threads=intra_threads))
    return LineTranslator(functools.partial(IdEngine, open_model), directory, threads)


def main() -> None:
    """Translate standard input."""
    run(__doc__.splitlines()[0], load, threads=1)


if __name__ == "__main__":
    main()
