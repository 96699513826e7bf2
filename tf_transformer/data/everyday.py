"""The built-in corpus of everyday sentences, written for this package."""

from __future__ import annotations

from pathlib import Path

from tf_transformer.data.corpus import Corpus
from tf_transformer.data.pairs import Pairs
from tf_transformer.data.text_files import read_columns, split_corpus

EVERYDAY = "everyday"
FILE = Path(__file__).with_suffix(".tsv")


def everyday_corpus() -> Corpus:
    """Return the built-in everyday sentences: Portuguese of both continents, and English.

    Unlike the phrasebook's, no grammar made them: they were written one by one for this
    package, and are as free as it is. The splits are those of `text_files.hold_out`.
    """
    sources, targets = zip(*read_columns(str(FILE), "source", "target"), strict=True)
    return split_corpus(EVERYDAY, "pt", "en", Pairs([*sources], [*targets]), "Apache-2.0")
