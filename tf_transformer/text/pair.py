"""The tokenizers of a source and a target language, together."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable
from pathlib import Path

from tf_transformer.text.forms import PLAIN
from tf_transformer.text.tokenizer import MANIFEST, Tokenizer, new_directory, tokenizer_class

_SOURCE, _TARGET = "source", "target"


def train_tokenizers(
    sources: Iterable[str],
    targets: Iterable[str],
    kind: str = "sentencepiece",
    vocab_size: int = 8000,
    joint: bool = True,
    form: str = PLAIN,
) -> tuple[Tokenizer, Tokenizer]:
    """Trains the tokenizers of both sides of a corpus.

    Args:
        sources: Sentences of the source language.
        targets: Sentences of the target language.
        kind: `"sentencepiece"` (lossless) or `"wordpiece"`. Defaults to `"sentencepiece"`.
        vocab_size: Most ids of each vocabulary. Defaults to 8000.
        joint: One vocabulary for both languages, so that they may share their embeddings; else
            each has its own. Defaults to `True`.
        form: Name of the form that the text is written in. Defaults to `"plain"`.

    Returns:
        `(source, target)`; one and the same object when joint.

    Raises:
        UserError: Unknown kind or form, no text, or a `vocab_size` too small for the text.
    """
    train = tokenizer_class(kind).train
    if joint:
        tokenizer = train(itertools.chain(sources, targets), vocab_size, form)
        return tokenizer, tokenizer
    return train(sources, vocab_size, form), train(targets, vocab_size, form)


def save_tokenizers(directory: str | os.PathLike, source: Tokenizer, target: Tokenizer) -> None:
    """Writes both into a new directory: a joint one itself, else `source/` and `target/` in it.

    Raises:
        UserError: The directory exists.
    """
    if source is target:
        source.save(directory)
        return
    with new_directory(directory) as partial:
        source.save(partial / _SOURCE)
        target.save(partial / _TARGET)


def load_tokenizers(directory: str | os.PathLike) -> tuple[Tokenizer, Tokenizer]:
    """Reads what `save_tokenizers` wrote.

    Returns:
        `(source, target)`; one and the same object when joint.

    Raises:
        UserError: The directory holds no tokenizers, or not ones that can be read.
    """
    directory = Path(directory)
    if (directory / _SOURCE / MANIFEST).exists():
        return Tokenizer.load(directory / _SOURCE), Tokenizer.load(directory / _TARGET)
    tokenizer = Tokenizer.load(directory)
    return tokenizer, tokenizer
