"""The tokenizers of a source and a target language, together."""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Iterable, Sequence
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
    symbols: Sequence[str] = (),
) -> tuple[Tokenizer, Tokenizer]:
    """Train the tokenizers of both sides of a corpus.

    Args:
        sources: sentences of the source language.
        targets: sentences of the target language.
        kind: `"sentencepiece"` (lossless), `"wordpiece"` or `"characters"`. Defaults to
            `"sentencepiece"`.
        vocab_size: most ids in each vocabulary. Defaults to 8000.
        joint: whether both languages share one vocabulary, and can thus share their embeddings.
            Otherwise each has its own. Defaults to `True`.
        form: name of the form that the text is written in. Defaults to `"plain"`.
        symbols: characters that always form a separate piece (SentencePiece only): see
            `rules.hide`. Defaults to none.

    Returns:
        `(source, target)`, the same object twice if the vocabulary is joint.

    Raises:
        UserError: if the kind or the form is unknown, if there is no text, or if `vocab_size` is
            too small for it.

    Example:
        ```python
        import tf_transformer as tft

        source, target = tft.text.train_tokenizers(
            ["Bom dia.", "Obrigado."], ["Good morning.", "Thank you."], vocab_size=300, joint=False
        )
        ids = target.tokenize(["Good morning."])
        target.detokenize(ids)  # [b'Good morning.']
        ```
    """
    options = {"vocab_size": vocab_size, "form": form}
    if symbols:
        options["symbols"] = symbols
    train = functools.partial(tokenizer_class(kind).train, **options)
    if joint:
        tokenizer = train(itertools.chain(sources, targets))
        return tokenizer, tokenizer
    return train(sources), train(targets)


def save_tokenizers(directory: str | os.PathLike, source: Tokenizer, target: Tokenizer) -> None:
    """Write both into a new directory: a joint one directly, others into `source/` and `target/`.

    Args:
        directory: must not exist yet.
        source: tokenizer of the source language.
        target: tokenizer of the target language.

    Raises:
        UserError: if the directory exists.

    Example:
        ```python
        import tf_transformer as tft

        tokenizers = tft.text.train_tokenizers(["bom dia."], ["good day."], vocab_size=300)
        tft.text.save_tokenizers("tokenizers", *tokenizers)
        source, target = tft.text.load_tokenizers("tokenizers")
        ```
    """
    if source is target:
        source.save(directory)
        return
    with new_directory(directory) as partial:
        source.save(partial / _SOURCE)
        target.save(partial / _TARGET)


def load_tokenizers(directory: str | os.PathLike) -> tuple[Tokenizer, Tokenizer]:
    """Read what `save_tokenizers` wrote.

    Args:
        directory: where they were saved.

    Returns:
        `(source, target)`, the same object twice if the vocabulary is joint.

    Raises:
        UserError: if the directory holds no tokenizers, or they cannot be read.
    """
    directory = Path(directory)
    if (directory / _SOURCE / MANIFEST).exists():
        return Tokenizer.load(directory / _SOURCE), Tokenizer.load(directory / _TARGET)
    tokenizer = Tokenizer.load(directory)
    return tokenizer, tokenizer
