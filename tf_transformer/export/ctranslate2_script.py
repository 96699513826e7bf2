"""Translate lines of standard input with the CTranslate2 model in this script's directory.

    pip install ctranslate2 sentencepiece
    python translate.py < sentences.txt

No other package is needed, neither TensorFlow nor the one that made the model.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import ctranslate2

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
from tf_transformer.text.rules import PLACEHOLDERS


class CTranslate2:
    """Runs the model with CTranslate2, with a worker for each thread.

    Args:
        directory: of the export.
        threads: number of workers.
        source: tokenizer of the source, which the engine does without.
        target: tokenizer of the target.
    """

    has_control = True

    def __init__(
        self, directory: Path, threads: int, source: AnyTokenizer, target: AnyTokenizer
    ) -> None:
        self._model = ctranslate2.Translator(str(directory), inter_threads=threads, intra_threads=1)
        self._max_length = load_json(directory / "config.json")["max_length"]
        self._placeholders = [symbol for symbol in target.names if symbol in {*PLACEHOLDERS}]

    def search(
        self, batches: Sequence[Sequence[Row]], beam_size: int, length_penalty: float
    ) -> Iterator[list[Found]]:
        """See `Engine.search`; a limit holds for all rows of a batch, and the caller cuts."""
        started = [
            self._model.translate_batch(
                [row.tokens for row in batch],
                [list(row.prefix) for row in batch],
                beam_size=beam_size,
                length_penalty=length_penalty,
                max_input_length=self._max_length,
                min_decoding_length=batch[0].least,
                suppress_sequences=self._unused(batch),
                max_decoding_length=batch[0].limit,
                return_scores=True,
                asynchronous=True,
            )
            for batch in batches
        ]
        for batch in started:
            found = [answer.result() for answer in batch]
            yield [Found(each.hypotheses[0], each.scores[0]) for each in found]

    def _unused(self, batch: Sequence[Row]) -> list[list[str]]:
        """Return the placeholders that stand for no word, where something is asked for.

        Else the model might write nothing but them, to be long enough.
        """
        if not batch[0].prefix and batch[0].least == 1:
            return []
        used = {token for row in batch for token in row.tokens}
        return [[symbol] for symbol in self._placeholders if symbol not in used]


def load(threads: int = 1, directory: Path = HERE) -> LineTranslator:
    """Load the model of a directory."""
    return LineTranslator(CTranslate2, directory, threads)


def main() -> None:
    """Translate standard input."""
    run(__doc__.splitlines()[0], load, threads=os.cpu_count(), has_control=True)


if __name__ == "__main__":
    main()
