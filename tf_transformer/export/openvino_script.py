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

import openvino

# An export contains what is imported from here.
from tf_transformer.export.id_engine import IdEngine
from tf_transformer.export.line_translator import (
    HERE,
    AnyTokenizer,
    LineTranslator,
    load_json,
    run,
)
from tf_transformer.export.step_search import Run, StepSearch, Tensors


class OpenVINO(IdEngine):
    """Runs the model with OpenVINO on the CPU, batches side by side.

    The graph `encoder` reads the sources, and `step` takes one more token of each translation:
    README.md names their inputs and outputs.

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
        max_length = load_json(directory / "config.json")["max_length"]
        finders = [find_with(directory, intra_threads) for _ in range(threads)]
        super().__init__(finders, max_length, source, target)


def find_with(directory: Path, intra_threads: int = 1) -> StepSearch:
    """Return the search with the files of a directory."""
    return StepSearch(
        *(_graph(directory / name, intra_threads) for name in ("encoder.xml", "step.xml"))
    )


def _graph(path: Path, intra_threads: int) -> Run:
    options = {"INFERENCE_NUM_THREADS": intra_threads, "INFERENCE_PRECISION_HINT": "f32"}
    model = openvino.Core().compile_model(path, "CPU", options)
    names = [output.any_name for output in model.outputs]

    def call(inputs: Tensors) -> Tensors:
        found = model(inputs, share_inputs=True)
        return {name: found[name] for name in names}

    return call


def load(threads: int = 1, directory: Path = HERE, intra_threads: int = 1) -> LineTranslator:
    """Load the model of a directory: see `OpenVINO`."""
    make_engine = functools.partial(OpenVINO, intra_threads=intra_threads)
    return LineTranslator(make_engine, directory, threads)


def main() -> None:
    """Translate standard input."""
    run(__doc__.splitlines()[0], load, threads=1)


if __name__ == "__main__":
    main()
