"""SentencePiece: pieces of raw text, spaces included, so that nothing is lost."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import sentencepiece
import tensorflow as tf
import tensorflow_text as tf_text
from tensorflow_text.python.ops import sentencepiece_tokenizer as tf_text_sentencepiece

from tf_transformer.errors import UserError
from tf_transformer.text.forms import PLAIN, find_form
from tf_transformer.text.subword_sampler import SubwordSampler
from tf_transformer.text.tokenizer import (
    END,
    PAD,
    SPECIAL_LABELS,
    START,
    UNKNOWN,
    Tokenizer,
    sentences_to_learn,
    valid_utf8,
)

# SentencePiece writes a space as "▁" (U+2581), so a "▁" in the text would come back as a space.
# The model therefore spells "▁" as ESC 1, and ESC as ESC 0. The rules live in the model's own
# normalizer and denormalizer, so `tokenizer.model` alone is lossless in any SentencePiece runtime.
_ESCAPE = "1B\t1B 30\n2581\t1B 31\n"
_UNESCAPE = "1B 30\t1B\n1B 31\t2581\n"

_BYTES = [bytes([byte]) for byte in range(256)]
_COMMON = tuple(map(chr, range(0x20, 0x3000)))  # they include what forms of text replace
_MODEL_FILE, _VOCAB_FILE = "tokenizer.model", "tokenizer.vocab"


class SentencePiece(Tokenizer):
    """Unigram SentencePiece with byte fallback: every text comes back exactly as it was.

    A character without a piece is spelled in its UTF-8 bytes, which are the first 256 ids after the
    special ones and the symbols. Thus nothing becomes `UNKNOWN`. Plain text is not normalised:
    case, accents and every space are kept.

    Args:
        model: a serialised model from `train`.
        form: name of the text form. Defaults to `"plain"`.

    Attributes:
        model: the serialised model.

    Example:
        ```python
        import tf_transformer as tft

        tokenizer = tft.text.SentencePiece.train(["Bom dia.", "Boa noite."], vocab_size=300)
        ids = tokenizer.tokenize(["Bom dia."])
        tokenizer.tokens(ids)  # the pieces, for people to read
        tokenizer.detokenize(ids)  # [b'Bom dia.']
        ```

    Reference:
        Kudo, "Subword Regularization", 2018, section 3.2 (unigram language model).
        Kudo and Richardson, "SentencePiece", 2018.
    """

    kind = "sentencepiece"

    def __init__(self, model: bytes, form: str = PLAIN) -> None:
        self.model = model
        self._tokenizer = tf_text.SentencepieceTokenizer(model, out_type=tf.int32)
        self._tokenizer._model_resource = _NamedModel(model, None)
        ids = tf.range(len(SPECIAL_LABELS), self._tokenizer.vocab_size())
        labels = self._tokenizer.id_to_string(ids).numpy().tolist()
        first_byte = labels.index(b"<0x00>")  # symbols come before it
        symbols, pieces = labels[:first_byte], labels[first_byte + len(_BYTES) :]
        pieces = [label.replace("▁".encode(), b" ") for label in pieces]
        super().__init__(labels, [*symbols, *_BYTES, *pieces], form)
        self.symbols = b"".join(symbols).decode()
        self._characters = sorted(set(b"".join(pieces).decode()))

    @classmethod
    def train(
        cls,
        sentences: Iterable[str],
        vocab_size: int,
        form: str = PLAIN,
        symbols: Sequence[str] = (),
    ) -> SentencePiece:
        """Learn a vocabulary: see `Tokenizer.train`.

        Args:
            sentences: as there.
            vocab_size: as there.
            form: as there. Defaults to `"plain"`.
            symbols: characters that always form a separate piece. Defaults to none.
        """
        sentences = sentences_to_learn(sentences, find_form(form))
        try:
            return cls(_train_model(sentences, vocab_size, symbols), form)
        except RuntimeError as error:
            if "vocab" not in str(error).lower():
                raise
            raise UserError(
                f"A SentencePiece vocabulary of {vocab_size} ids is too small for this text: "
                f"{len(SPECIAL_LABELS) + len(_BYTES)} go to special ids and bytes, and the rest "
                "must hold at least its characters; ask for a larger vocab_size."
            ) from error

    def known_characters(self) -> str:
        """Return the characters that are not spelled in bytes, in either case, sorted.

        They include the characters that the form of the text replaces.
        """
        candidates = sorted(_with_cases(self._characters).union(_COMMON))
        labels = self.tokens(self.tokenize(tf.constant(candidates)))
        is_spelled = tf.strings.regex_full_match(labels, "<0x..>")
        rows = tf.where(~tf.reduce_any(is_spelled, axis=1)).numpy().ravel()
        known = _with_cases(candidates[row] for row in rows)
        return "".join(sorted(known.difference(self.symbols)))

    def sampler(self, texts: Sequence[str], alpha: float) -> SubwordSampler:
        """Prepare to split texts into pieces at random.

        Args:
            texts: the text.
            alpha: exponent of the probabilities that the vocabulary gives to the ways to split a
                text. 1 draws with these probabilities, a smaller exponent makes them more equal;
                0.1 to 0.5 is usual.

        Returns:
            A sampler of ids, without special ids; `detokenize` turns them into the same text.
        """
        prepared = self.form.prepare(tf.constant(texts, tf.string)).numpy()
        return SubwordSampler(self.model, [text.decode() for text in prepared], alpha)

    def _split(self, text: tf.Tensor) -> tf.RaggedTensor:
        return self._tokenizer.tokenize(valid_utf8(text))  # SentencePiece would write more U+FFFD

    def _join(self, ids: tf.Tensor | tf.RaggedTensor) -> tf.Tensor:
        text = super()._join(ids)
        text = tf.strings.regex_replace(text, "\x1b1", "▁")
        return tf.strings.regex_replace(text, "\x1b0", "\x1b")

    def _write_files(self, directory: Path) -> None:
        (directory / _MODEL_FILE).write_bytes(self.model)
        # This file is for people to read; only the model is loaded.
        labels = self._labels.numpy().tolist()
        (directory / _VOCAB_FILE).write_bytes(b"\n".join(labels) + b"\n")

    @classmethod
    def _read_files(cls, directory: Path, form: str) -> SentencePiece:
        return cls((directory / _MODEL_FILE).read_bytes(), form)


def _with_cases(characters: Iterable[str]) -> set[str]:
    """Return characters with their lower and upper cases, where these are one character."""
    cases = {case for each in characters for case in (each, each.lower(), each.upper())}
    return {case for case in cases if len(case) == 1}


class _NamedModel(tf_text_sentencepiece._SentencepieceModelResource):
    """A model that TensorFlow keeps under a name.

    tensorflow-text's model has no name and vanishes with the kernel that made it, and
    `tf.random.set_seed` and `keras.utils.set_random_seed` clear all kernels. A name keeps it, in a
    SavedModel too. The name is made from the content: equal models share one.
    """

    def _create_resource(self) -> tf.Tensor:
        name = f"tf_transformer_{hashlib.blake2b(self._model, digest_size=16).hexdigest()}"
        make = tf_text_sentencepiece.gen_sentencepiece_tokenizer.sentencepiece_op
        return make(model=self._model, shared_name=name)


def _train_model(sentences: list[str], vocab_size: int, symbols: Sequence[str]) -> bytes:
    model = io.BytesIO()
    with tempfile.TemporaryDirectory() as directory:
        escape, unescape = Path(directory, "escape.tsv"), Path(directory, "unescape.tsv")
        escape.write_text(_ESCAPE)
        unescape.write_text(_UNESCAPE)
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(sentences),
            model_writer=model,
            model_type="unigram",
            vocab_size=vocab_size,
            hard_vocab_limit=False,  # a small corpus gets fewer pieces, not an error
            byte_fallback=True,
            split_digits=True,  # a number that was never seen is copied digit by digit
            normalization_rule_tsv=str(escape),
            denormalization_rule_tsv=str(unescape),
            remove_extra_whitespaces=False,
            add_dummy_prefix=True,
            pad_id=PAD,
            unk_id=UNKNOWN,
            bos_id=START,
            eos_id=END,
            user_defined_symbols=list(symbols),
            max_sentence_length=2**30,  # bytes; longer sentences would be silently skipped
            num_threads=4,  # fixed, because the result depends on it
            minloglevel=2,
        )
    # The model records where its rules came from; a file to share holds no trace of this machine.
    trained = model.getvalue()
    for path in (escape, unescape):
        trained = trained.replace(str(path).encode(), b"-" * len(str(path)))
    return trained
