"""The stages between a start and quick answers, in a separate process.

    python -m benchmarks.startup_probes PROBE DIRECTORY

prints a line of JSON: for each stage, its seconds, and the most memory that the process had held by
its end, in MB. Each probe yields the name of a stage at its start.
"""

import itertools
import json
import sys
import time
from pathlib import Path

from tf_transformer.process_memory import peak_memory_mb


def graph(directory):
    """Our SavedModel, as a server uses it."""
    yield from _saved_model(directory, "graph")


def compiled(directory):
    """Load the SavedModel that XLA compiles."""
    yield from _saved_model(directory, "compiled")


def ctranslate2(directory):
    """CTranslate2, doing the same work."""
    yield "import"
    from benchmarks.peers.ctranslate2_translator import CTranslate2Translator

    yield "load"
    translator = CTranslate2Translator(Path(directory) / "ctranslate2_float32", "float32")
    yield from _serve(translator, directory)


def package(directory):
    """Import this package, and one of its models."""
    yield "import"
    import tf_transformer

    yield "import of a model"
    tf_transformer.Transformer  # noqa: B018  imports Keras, and TensorFlow behind it


def _saved_model(directory, name):
    yield "import"
    from benchmarks.peers.saved_model_translator import SavedModelTranslator

    yield "load"
    translator = SavedModelTranslator(str(Path(directory) / name / "1"))
    yield from _serve(translator, directory, warm_up=name == "compiled")


def _serve(translator, directory, warm_up=False):
    from benchmarks.decoding_data import load, spread

    data = load(directory)
    sentences = [row["source"] for row in data["sample"]]
    for number in ("first", "second"):
        yield f"{number} answer"
        translator.translate(sentences[-1:])
    searches = {
        "serving_default": translator.translate,
        "translate_beam": translator.translate_beam,
    }
    for signature, search in searches.items() if warm_up else ():
        yield f"warm-up, {signature}"
        for each, texts in data["warm_up"]:
            if each == signature:
                search(texts)
    for signature, search in searches.items():
        yield f"128 sentences, {signature}"
        search(spread(sentences, 128))


def main(probe, directory):
    stages, name, started = {}, None, 0.0
    for following in itertools.chain(globals()[probe](directory), [None]):
        if name:
            seconds = time.perf_counter() - started
            stages[name] = {"seconds": seconds, "peak_memory_mb": peak_memory_mb()}
        name, started = following, time.perf_counter()
    print(json.dumps(stages))


if __name__ == "__main__":
    main(*sys.argv[1:])
