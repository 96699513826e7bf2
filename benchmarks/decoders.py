"""The contenders of the decoding benchmark, each set up in a separate process.

A contender translates a list of rows of the sample in one go, long rows first. The figure to
measure is chosen by name from `FIGURES`.
"""

import functools
import statistics
import time
from pathlib import Path

import numpy as np

from benchmarks import decoding_data
from tf_transformer.config import TransformerConfig

BATCH = 32


# Contenders


def saved_model(threads, directory, figure, model="compiled", beam=False):
    """Ours, which sorts and batches by itself."""
    from benchmarks.peers.saved_model_translator import SavedModelTranslator

    translator = SavedModelTranslator(str(Path(directory) / model / "1"))
    return _text_to_text(translator, directory, figure, beam)


def endless(threads, directory, length, words):
    """Time ours with a model that never ends a translation: ms per token after the second.

    The time of a call that ends after a token is subtracted: no translation is empty.

    Args:
        threads: unused, because the process already has its number of threads.
        directory: directory of the models.
        length: target tokens, as many as the model allows.
        words: words of a source for which the model allows this many.
    """
    from benchmarks.peers.saved_model_translator import SavedModelTranslator

    source = [" ".join([decoding_data.ENDLESS_WORD] * words)]
    endless, silent = (
        SavedModelTranslator(str(Path(directory) / name / "1")).translate
        for name in ("endless", "silent")
    )
    assert len(endless(source)[0].split()) == length
    assert len(silent(source)[0]) <= 1  # a token, and its end

    def repeat():
        whole, first = (
            statistics.median(_seconds(translate, source) for _ in range(9))
            for translate in (endless, silent)
        )
        return 1000 * (whole - first) / (length - 2)

    return _warm(repeat)


def ctranslate2(threads, directory, figure, kind, beam=False):
    """Time the C++ engine, which sorts and batches by itself."""
    from benchmarks.peers.ctranslate2_translator import CTranslate2Translator

    translator = CTranslate2Translator(Path(directory) / f"ctranslate2_{kind}", kind, *threads)
    return _text_to_text(translator, directory, figure, beam)


def script(threads, directory, figure, engine, kind, beam=False):
    """Time another engine, called from Python by the script of the export."""
    from benchmarks.peers.script_translator import ScriptTranslator

    translator = ScriptTranslator(Path(directory) / f"{engine}_{kind}", *threads)
    return _text_to_text(translator, directory, figure, beam)


def _text_to_text(translator, directory, figure, beam):
    search = translator.translate_beam if beam else translator.translate

    def translate(rows):
        return search([row["source"] for row in rows])

    return FIGURES[figure](translate, decoding_data.load(directory))


def keras_hub(threads, directory, figure, xla):
    """Random weights, and as many steps as our translations have tokens."""
    from benchmarks.peers.keras_hub_transformer import keras_hub_transformer
    from benchmarks.peers.keras_hub_translator import KerasHubTranslator
    from tf_transformer.text import START

    data = decoding_data.load(directory)
    config = TransformerConfig(**data["config"])
    translator = KerasHubTranslator(keras_hub_transformer(config), xla)
    shape = _compiled_shape if xla else lambda width, room: (width, room)

    def translate(rows):
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            steps = max(row["target_length"] for row in batch)
            width, room = shape(max(len(row["source_ids"]) for row in batch), steps + 1)
            target_ids = _padded([[START]] * len(batch), room)
            translator.decode(
                _padded([row["source_ids"] for row in batch], width), target_ids, steps
            )

    return FIGURES[figure](translate, data)


def tutorial(threads, directory, figure):
    """Random weights, as many steps as our translations have tokens, one sentence at a time."""
    from benchmarks.peers.tutorial_transformer import TutorialTransformer
    from benchmarks.peers.tutorial_translator import TutorialTranslator
    from tf_transformer.text import START

    data = decoding_data.load(directory)
    model = TutorialTransformer(TransformerConfig(**data["config"]))
    translator = TutorialTranslator(model, START)

    def translate(rows):
        for row in rows:
            translator.decode(row["source_ids"], row["target_length"])

    return FIGURES[figure](translate, data)


def _compiled_shape(width, room):
    """Return one of a few shapes with enough width and room: each takes XLA seconds."""
    width = max(16, width, (room + 1) // 2)
    width = 1 << (width - 1).bit_length()  # the next power of two
    return width, 2 * width


def _padded(rows, width):
    ids = np.zeros((len(rows), width), np.int32)
    for line, row in zip(ids, rows, strict=True):
        line[: len(row)] = row
    return ids


# Figures: each makes a function that runs one repetition, from a contender and the data. A first
# run, which is not measured, compiles what needs compiling.


def latency(translate, data):
    """Milliseconds per sentence, the median of all."""
    rows = [[row] for row in decoding_data.spread(data["sample"], 64)]
    return _warm(lambda: 1000 * statistics.median(_seconds(translate, row) for row in rows))


def tokens_one_by_one(translate, data):
    """Target tokens per second, one sentence at a time."""
    rows = decoding_data.spread(data["sample"], 8)
    tokens = sum(row["target_length"] for row in rows)
    return _warm(lambda: tokens / sum(_seconds(translate, [row]) for row in rows))


def tokens(translate, data):
    """Target tokens per second, in batches."""
    rows = decoding_data.spread(data["sample"], 2 * BATCH)
    tokens = sum(row["target_length"] for row in rows)
    return _warm(lambda: tokens / _seconds(translate, rows))


def sentences(translate, data):
    """Sentences per second, in batches."""
    rows = decoding_data.spread(data["sample"], 16 * BATCH)
    return _warm(lambda: len(rows) / _seconds(translate, rows))


def bleu(translate, data, less=0.0):
    """BLEU of the whole sample, minus `less`."""
    from tf_transformer.evaluation import score

    rows = data["sample"]
    references = [row["reference"] for row in rows]
    return lambda: score(translate(rows), references, data["bleu_tokenize"]).bleu - less


def same(translate, data):
    """Percentage of the sample that is translated as it was when the sample was made."""
    rows = data["sample"]
    translations = [row["translation"] for row in rows]
    return lambda: (
        100 * np.mean([a == b for a, b in zip(translate(rows), translations, strict=True)])
    )


FIGURES = {
    "latency": latency,
    "tokens_one_by_one": tokens_one_by_one,
    "tokens": tokens,
    "sentences": sentences,
    "bleu": bleu,
    "bleu_less": functools.partial(bleu, less=0.2),
    "same": same,
}


def _warm(repeat):
    repeat()
    return repeat


def _seconds(translate, rows):
    started = time.perf_counter()
    translate(rows)
    return time.perf_counter() - started
