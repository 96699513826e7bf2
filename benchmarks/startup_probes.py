"""What passes between a start and quick answers, in a process of its own.

    python -m benchmarks.startup_probes PROBE DIRECTORY

prints a line of JSON: the seconds of each stage, and the peak memory in MB. Each probe yields the
name of a stage where it begins.
"""

import json
import sys
import time
from pathlib import Path


def graph(directory):
    """Our SavedModel, as a server holds it."""
    yield from _saved_model(directory, "graph")


def compiled(directory):
    """The same, compiled by XLA."""
    yield from _saved_model(directory, "compiled")


def ctranslate2(directory):
    """CTranslate2, with the same work."""
    yield "import"
    from benchmarks.peers.ctranslate2_translator import CTranslate2Translator

    yield "load"
    translator = CTranslate2Translator(Path(directory) / "ctranslate2_float32", "float32")
    yield from _serve(translator, directory)


def package(directory):
    """This package, and a model of it."""
    yield "import"
    import tf_transformer

    yield "import of a model"
    tf_transformer.Transformer  # noqa: B018  imports Keras, and TensorFlow behind it


def _saved_model(directory, name):
    yield "import"
    from benchmarks.peers.saved_model_translator import SavedModelTranslator

    yield "load"
    translator = SavedModelTranslator(str(Path(directory) / name / "1"))
    yield from _serve(translator, directory)


def _serve(translator, directory):
    from benchmarks.decoding_data import load, spread

    sentences = [row["source"] for row in load(directory)["sample"]]
    requests = [*([sentence] for sentence in spread(sentences, 64)), spread(sentences, 128)]
    for number in ("first", "second"):
        yield f"{number} answer"
        translator.translate(sentences[-1:])
    yield "warm-up, greedy"  # requests of all the lengths that there are
    for request in requests:
        translator.translate(request)
    yield "warm-up, beam search"
    for request in requests:
        translator.translate_beam(request)


def main(probe, directory):
    names, starts = [], []
    for name in globals()[probe](directory):
        names.append(name)
        starts.append(time.perf_counter())
    ends = [*starts[1:], time.perf_counter()]
    seconds = {name: end - start for name, start, end in zip(names, starts, ends, strict=True)}
    from benchmarks.worker import peak_memory_mb  # not before: it imports of what is probed

    print(json.dumps({"seconds": seconds, "peak_memory_mb": peak_memory_mb()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
