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


class CTranslate2:
    """Runs the model with CTranslate2, with a worker for each thread.

    Args:
        directory: of the export.
        threads: number of workers.
        source: tokenizer of the source, which the engine does without, as without the target's.
        target: tokenizer of the target.
    """

    def __init__(
        self, directory: Path, threads: int, source: AnyTokenizer, target: AnyTokenizer
    ) -> None:
        self._model = ctranslate2.Translator(str(directory), inter_threads=threads, intra_threads=1)
        self._max_length = load_json(directory / "config.json")["max_length"]

    def search(
        self, batches: Sequence[Sequence[Row]], beam_size: int, length_penalty: float
    ) -> Iterator[list[Found]]:
        """See `Engine.search`; a limit holds for all rows of a batch, and the caller cuts."""
        started = [
            self._model.translate_batch(
                [row.tokens for row in batch],
                beam_size=beam_size,
                length_penalty=length_penalty,
                max_input_length=self._max_length,
                min_decoding_length=1,
                max_decoding_length=batch[0].limit,
                return_scores=True,
                asynchronous=True,
            )
            for batch in batches
        ]
        for batch in started:
            found = [answer.result() for answer in batch]
            yield [Found(each.hypotheses[0], each.scores[0]) for each in found]


def load(threads: int = 1, directory: Path = HERE) -> LineTranslator:
    """Load the model of a directory."""
    return LineTranslator(CTranslate2, directory, threads)


def main() -> None:
    """Translate standard input."""
    run(__doc__.splitlines()[0], load, threads=os.cpu_count())


if __name__ == "__main__":
    main()
