"""CTranslate2, the C++ engine, with the weights and the vocabulary of a model of this package."""

import json
from pathlib import Path

import ctranslate2
import sentencepiece

_BATCH = 32


class CTranslate2Translator:
    """Strings in, strings out; the engine sorts sentences by length and makes batches.

    Args:
        directory: directory that `tf_transformer.export.export_ctranslate2` wrote.
        compute_type: `"float32"` or `"int8"`.
        intra_threads: threads within an operation.
        inter_threads: batches side by side.
    """

    def __init__(self, directory, compute_type, intra_threads=1, inter_threads=1):
        self._engine = ctranslate2.Translator(
            str(directory),
            compute_type=compute_type,
            intra_threads=intra_threads,
            inter_threads=inter_threads,
        )
        directory = Path(directory)
        config = json.loads((directory / "config.json").read_text(encoding="utf-8"))
        self._max_length = config["max_length"]
        model_file = str(directory / "tokenizer" / "tokenizer.model")
        self._tokenizer = sentencepiece.SentencePieceProcessor(model_file=model_file)

    def translate(self, sentences):
        """Return the greedy translations of a list of sentences."""
        return self._search(sentences, beam_size=1)

    def translate_beam(self, sentences):
        """Return the best translations that beam search finds."""
        return self._search(sentences, beam_size=4)

    def _search(self, sentences, beam_size):
        source = self._tokenizer.encode(sentences, out_type=str)
        longest = max(map(len, source))
        found = self._engine.translate_batch(
            source,
            max_batch_size=_BATCH,
            beam_size=beam_size,
            length_penalty=0.6,
            max_input_length=self._max_length,
            max_decoding_length=min(2 * longest + 10, self._max_length),  # as ours, for the longest
        )
        return self._tokenizer.decode([each.hypotheses[0] for each in found])
