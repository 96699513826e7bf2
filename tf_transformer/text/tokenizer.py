"""The base of all tokenizers: special ids, the way from ids back to text, and files."""

from __future__ import annotations

import abc
import contextlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import tensorflow as tf

from tf_transformer.errors import UserError
from tf_transformer.text.forms import PLAIN, TextForm, find_form
from tf_transformer.text.subword_sampler import SubwordSampler

# The same in every tokenizer. No text, not even "[END]", is ever tokenized to one of them
# (except UNKNOWN, where a tokenizer has no piece for a character).
PAD, UNKNOWN, START, END = 0, 1, 2, 3
SPECIAL_LABELS = ("[PAD]", "[UNK]", "[START]", "[END]")

MANIFEST = "tokenizer.json"
FORMAT_VERSION = 1


class Tokenizer(tf.Module, abc.ABC):
    """Turns text into ids and back, inside the TensorFlow graph.

    A piece of the vocabulary has a label for people to read, and a text: the bytes that it adds to
    a sentence. The text of a word's first piece starts with a space. Joining the texts of all ids,
    without the first space, gives the sentence.

    Args:
        labels: labels of all pieces except the special ones, in the order of their ids.
        texts: texts of the same pieces.
        form: name of the text form.

    Attributes:
        kind: name of the method, such as `"sentencepiece"`.
        vocab_size: number of ids, the four special ones included.
        symbols: characters that always form a separate piece; their ids follow the special ones.
        unknown_text: the text of `UNKNOWN`.
        form: the `TextForm` of the text that the vocabulary was learned from. Text is prepared
            before it is tokenized, and presented after it is detokenized.

    Example:
        ```python
        import tensorflow as tf

        import tf_transformer as tft

        tokenizer = tft.text.Characters.train(["bom dia"], vocab_size=20)
        isinstance(tokenizer, tft.text.Tokenizer)
        ids = tokenizer.tokenize(tf.constant(["dia"]))
        tokenizer.detokenize(ids)  # [b"dia"]
        ```
    """

    kind: str
    symbols: str = ""
    unknown_text = " \N{REPLACEMENT CHARACTER}"

    def __init__(self, labels: Sequence[str | bytes], texts: Sequence[bytes], form: str) -> None:
        super().__init__()
        self.form = find_form(form)
        self.vocab_size = len(SPECIAL_LABELS) + len(labels)
        self._labels = tf.constant([*SPECIAL_LABELS, *labels])
        self._texts = tf.constant(["", self.unknown_text, "", "", *texts])

    @classmethod
    @abc.abstractmethod
    def train(cls, sentences: Iterable[str], vocab_size: int, form: str = PLAIN) -> Tokenizer:
        """Learn a vocabulary; the same sentences give the same one.

        Args:
            sentences: the text to learn from.
            vocab_size: most ids to use, the special ones included. A text with fewer different
                pieces gets fewer: see the attribute `vocab_size` of the tokenizer.
            form: name of the form that the text is written in: `"plain"`, `"treebank"` or
                `"ted_hrlr"`. Defaults to `"plain"`.

        Returns:
            The tokenizer.

        Raises:
            UserError: if there is no text, if `vocab_size` is too small for it, or if the form is
                unknown.
        """

    def tokenize(self, text: tf.Tensor) -> tf.RaggedTensor:
        """Split each text into pieces, without special ids.

        Args:
            text: strings `(batch,)` of any bytes; what is not UTF-8 counts as U+FFFD.

        Returns:
            Ids `(batch, tokens)`, a ragged int32 tensor.
        """
        return self._split(self.form.prepare(text))

    def detokenize(self, ids: tf.Tensor | tf.RaggedTensor) -> tf.Tensor:
        """Join each row of ids into its text, up to the first `END`.

        `PAD` and `START` add nothing; `UNKNOWN` becomes U+FFFD, the replacement character.

        Args:
            ids: integers `(batch, length)`, dense or ragged.

        Returns:
            Strings `(batch,)`, always valid UTF-8.
        """
        return self.form.present(self._join(ids))

    def detokenize_continuation(self, ids: tf.Tensor, prefix_ids: tf.Tensor) -> tf.Tensor:
        """Join each row of ids into the text that they add to the ids before them.

        Args:
            ids: integers `(batch, length)`.
            prefix_ids: the ids before them, `(batch, prefix)`, without `END`; `PAD` adds nothing.

        Returns:
            Strings `(batch,)`, always valid UTF-8. A space between prefix and continuation is part
            of the continuation.
        """
        prefix = self._join(prefix_ids)
        text = self._join(tf.concat([prefix_ids, ids], axis=1))
        # Part of a character's bytes may be in the prefix: the whole character can be shorter.
        start = tf.minimum(tf.strings.length(prefix), tf.strings.length(text))
        return tf.strings.substr(text, start, tf.fill(tf.shape(start), 2**30))

    def _join(self, ids: tf.Tensor | tf.RaggedTensor) -> tf.Tensor:
        return tf.strings.regex_replace(self._concatenate(ids), "^ ", "", replace_global=False)

    def _concatenate(self, ids: tf.Tensor | tf.RaggedTensor) -> tf.Tensor:
        if isinstance(ids, tf.RaggedTensor):
            ids = ids.to_tensor(PAD)
        ended = tf.cumsum(tf.cast(tf.equal(ids, END), tf.int32), axis=1) > 0
        texts = tf.where(ended, b"", tf.gather(self._texts, ids))
        return valid_utf8(tf.strings.reduce_join(texts, axis=1))  # (batch,)

    def tokens(self, ids: tf.Tensor | tf.RaggedTensor) -> tf.Tensor | tf.RaggedTensor:
        """Return the label of each id, for people to read: `[START]`, `▁house`, `##ing`.

        Args:
            ids: integers of any shape, dense or ragged.

        Returns:
            Strings of the same shape.
        """
        return tf.gather(self._labels, ids)

    def texts(self, ids: tf.Tensor | tf.RaggedTensor) -> tf.Tensor | tf.RaggedTensor:
        """Return the bytes that each id adds to a sentence.

        Args:
            ids: integers of any shape, dense or ragged.

        Returns:
            Strings of the same shape.
        """
        return tf.gather(self._texts, ids)

    def starts_word(self, ids: tf.Tensor | tf.RaggedTensor) -> tf.Tensor | tf.RaggedTensor:
        """Return which ids begin with a space, as a word's first piece does.

        Args:
            ids: integers of any shape, dense or ragged.

        Returns:
            Booleans of the same shape.
        """
        return tf.gather(tf.strings.substr(self._texts, 0, 1) == " ", ids)

    def save(self, directory: str | os.PathLike) -> None:
        """Write the tokenizer into a new directory, which appears only when it is complete.

        Args:
            directory: must not exist yet; missing parents are created.

        Raises:
            UserError: if the directory exists.
        """
        with new_directory(directory) as partial:
            self._write_files(partial)
            manifest = {
                "kind": self.kind,
                "version": FORMAT_VERSION,
                "vocab_size": self.vocab_size,
                "text_form": self.form.name,
            }
            (partial / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")

    @staticmethod
    def load(directory: str | os.PathLike) -> Tokenizer:
        """Read a tokenizer of any kind that `save` wrote.

        Args:
            directory: where it was saved.

        Returns:
            The tokenizer, with the same ids as the one that was saved.

        Raises:
            UserError: if the directory holds no tokenizer, or it cannot be read.
        """
        directory = Path(directory)
        try:
            manifest = json.loads((directory / MANIFEST).read_text())
            kind, version, vocab_size = (manifest[key] for key in ("kind", "version", "vocab_size"))
            form = manifest.get("text_form", PLAIN)  # older files do not name it
        except (OSError, ValueError, KeyError, TypeError):
            raise UserError(
                f"{directory} holds no tokenizer: it has no readable {MANIFEST}; "
                "give the directory that a tokenizer was saved into."
            ) from None
        if version != FORMAT_VERSION:
            raise UserError(
                f"{directory} holds a tokenizer of format {version}, but this release reads "
                f"format {FORMAT_VERSION}; train it again or use the release that wrote it."
            )
        subclass, form = tokenizer_class(kind), find_form(form).name
        with contextlib.suppress(OSError, ValueError, tf.errors.OpError):
            tokenizer = subclass._read_files(directory, form)
            if tokenizer.vocab_size == vocab_size:
                return tokenizer
        raise UserError(
            f"The tokenizer in {directory} is damaged: its vocabulary cannot be read or is not "
            f"the one of {vocab_size} ids that was saved; copy it or train it again."
        )

    def sampler(self, texts: Sequence[str], alpha: float) -> SubwordSampler:
        """Prepare to split texts into pieces at random: see `SentencePiece.sampler`.

        Raises:
            UserError: if this kind of tokenizer knows only one way to split a text.
        """
        raise UserError(
            f"A {self.kind} tokenizer cannot split a text at random: train with "
            "tokenizer=sentencepiece or subword_sampling=0."
        )

    @abc.abstractmethod
    def _split(self, text: tf.Tensor) -> tf.RaggedTensor:
        """Tokenize prepared text."""

    @abc.abstractmethod
    def _write_files(self, directory: Path) -> None:
        """Write the vocabulary."""

    @classmethod
    @abc.abstractmethod
    def _read_files(cls, directory: Path, form: str) -> Tokenizer:
        """Read what `_write_files` wrote."""


def tokenizer_class(kind: str) -> type[Tokenizer]:
    """Find a kind of tokenizer by its name.

    Raises:
        UserError: for an unknown name.
    """
    classes = {subclass.kind: subclass for subclass in Tokenizer.__subclasses__()}
    if kind not in classes:
        raise UserError(f"Unknown kind of tokenizer {kind!r}; choose one of {', '.join(classes)}.")
    return classes[kind]


def valid_utf8(text: tf.Tensor) -> tf.Tensor:
    """Replace every invalid byte sequence by U+FFFD."""
    return tf.strings.unicode_transcode(text, "UTF-8", "UTF-8", errors="replace")


def sentences_to_learn(sentences: Iterable[str], form: TextForm) -> list[str]:
    """Prepare sentences, without the blank ones, from which no tokenizer can learn.

    Raises:
        UserError: if all are blank.
    """
    kept = [sentence for sentence in sentences if sentence.strip()]
    if not kept:
        raise UserError("There is no text to train a tokenizer on: every sentence is blank.")
    if form.name == PLAIN:
        return kept
    return [sentence.decode() for sentence in form.prepare(tf.constant(kept)).numpy()]


@contextlib.contextmanager
def new_directory(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a directory to fill, which gets the name `path` only if the block succeeds."""
    path = Path(path)
    if path.exists():
        raise UserError(f"{path} exists already; remove it or choose another directory.")
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.mkdir(parents=True)
    try:
        yield partial
        partial.rename(path)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
