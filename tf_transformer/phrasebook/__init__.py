"""The built-in corpus: a bilingual grammar that generates Portuguese-English sentence pairs.

`generate_splits` needs only the Python standard library; `Phrasebook` is the TFDS data set.
"""

from __future__ import annotations

from tf_transformer.phrasebook.generate import generate_splits

__all__ = ["Phrasebook", "generate_splits"]


def __getattr__(name: str) -> object:
    if name == "Phrasebook":  # it imports tensorflow_datasets, which takes seconds
        from tf_transformer.phrasebook.builder import Phrasebook

        return Phrasebook
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
