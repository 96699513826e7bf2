"""Another engine, with the weights and the vocabulary of a model of this package."""

import runpy
from pathlib import Path


class ScriptTranslator:
    """Strings in, strings out, as the script of an export does it.

    Args:
        directory: directory of an export to LiteRT, ONNX or OpenVINO.
        intra_threads: threads within an operation.
        inter_threads: batches side by side.
    """

    def __init__(self, directory, intra_threads=1, inter_threads=1):
        script = runpy.run_path(str(Path(directory) / "translate.py"))
        self._translate = script["load"](threads=inter_threads, intra_threads=intra_threads)

    def translate(self, sentences):
        """Return the greedy translations of a list of sentences."""
        return self._translate(sentences)

    def translate_beam(self, sentences):
        """Return the best translations that beam search finds."""
        return self._translate(sentences, beam_size=4)
