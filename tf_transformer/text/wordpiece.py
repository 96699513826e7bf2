"""WordPiece: words, and continuations of words, which are marked with ##."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

import tensorflow as tf
import tensorflow_text as tf_text
from tensorflow_text.tools.wordpiece_vocab import wordpiece_tokenizer_learner_lib as learner

from tf_transformer.errors import UserError
from tf_transformer.text.forms import PLAIN, find_form
from tf_transformer.text.tokenizer import (
    SPECIAL_LABELS,
    UNKNOWN,
    Tokenizer,
    sentences_to_learn,
    valid_utf8,
)

# How a piece that continues a word is marked. The table uses a space, which no word contains, so
# that no text can pass for such a piece; `tokens` and the file show people "##".
_CONTINUES, _CONTINUES_LABEL = " ", "##"

# Not tf_text.WhitespaceTokenizer: it cuts a two-byte space in half when another space follows.
_WHITE_SPACE = r"[\t-\r \x{85}\p{Z}]+"

# No piece spans these: each punctuation mark, symbol or Han character stands alone.
_STANDS_ALONE = r"[\p{P}\p{S}\p{Han}]"

_VOCAB_FILE = "vocab.txt"
_SENTENCES_AT_ONCE = 10_000
_MIN_COUNT = 2  # a piece that occurs once teaches nothing
_MIN_PIECES = 16


class WordPiece(Tokenizer):
    """WordPiece on words split at white space and punctuation, as in BERT.

    BERT forgets whether a punctuation mark touched the word before it: "don't" becomes "don ' t".
    Here everything that follows without a space is a continuation: `don ##' ##t`. Text comes back
    as it was, with three exceptions: a run of white space becomes one space, none is left at the
    ends, and a character that is not in the vocabulary becomes `UNKNOWN`.

    Args:
        pieces: the vocabulary without the special ids; a continuation starts with "##".
        form: name of the text form. Defaults to `"plain"`.

    Example:
        ```python
        import tf_transformer as tft

        tokenizer = tft.text.WordPiece(["un", "##seen", "##."])
        ids = tokenizer.tokenize(["unseen."])  # [[4, 5, 6]]
        tokenizer.tokens(ids)  # [[b'un', b'##seen', b'##.']]
        tokenizer.detokenize(ids)  # [b'unseen.']
        ```

    Reference:
        Wu et al., "Google's Neural Machine Translation System", 2016, section 4.1.
        Devlin et al., "BERT", 2019.
    """

    kind = "wordpiece"

    def __init__(self, pieces: list[str], form: str = PLAIN) -> None:
        keys = [_unmark(piece) for piece in pieces]
        super().__init__(pieces, [_text(key).encode() for key in keys], form)
        self._pieces = tuple(pieces)
        ids = tf.range(len(SPECIAL_LABELS), self.vocab_size, dtype=tf.int64)
        # The table lacks the special ids, so that no text is looked up as one.
        table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(tf.constant(keys), ids), default_value=UNKNOWN
        )
        self._tokenizer = tf_text.WordpieceTokenizer(
            table,
            suffix_indicator=_CONTINUES,
            max_bytes_per_word=2**30,
            max_chars_per_token=max(len(key.lstrip(_CONTINUES)) for key in keys),
            token_out_type=tf.int32,
            split_unknown_characters=True,
        )

    @classmethod
    def train(cls, sentences: Iterable[str], vocab_size: int, form: str = PLAIN) -> WordPiece:
        num_pieces = vocab_size - len(SPECIAL_LABELS)
        if num_pieces < _MIN_PIECES:
            raise UserError(
                f"A WordPiece vocabulary of {vocab_size} ids is too small: "
                f"vocab_size must be at least {len(SPECIAL_LABELS) + _MIN_PIECES}."
            )
        sentences = sentences_to_learn(sentences, find_form(form))
        counts = learner.count_words(_word_parts(sentences))
        keys = learner.learn(
            counts,
            vocab_size=num_pieces,
            reserved_tokens=[],
            # The learner finds the fewest times a piece must occur by bisection, seconds a try.
            lower_thresh=_MIN_COUNT,
            upper_thresh=max(counts.total() // num_pieces, _MIN_COUNT),
            # A character takes two pieces: at most half of the vocabulary goes to them.
            max_unique_chars=num_pieces // 4,
            joiner=_CONTINUES,
        )
        return cls([_mark(key) for key in _most_frequent(keys, num_pieces)], form)

    def _split(self, text: tf.Tensor) -> tf.RaggedTensor:
        # regex_split would end the text at a NUL.
        text = tf.strings.regex_replace(valid_utf8(text), r"\x00", "\N{REPLACEMENT CHARACTER}")
        words = tf_text.regex_split(text, _WHITE_SPACE)  # (batch, words)
        return self._tokenizer.tokenize(words).merge_dims(1, 2)  # (batch, tokens)

    def _write_files(self, directory: Path) -> None:
        lines = [*SPECIAL_LABELS, *self._pieces]
        (directory / _VOCAB_FILE).write_bytes("\n".join(lines).encode() + b"\n")

    @classmethod
    def _read_files(cls, directory: Path, form: str) -> WordPiece:
        lines = (directory / _VOCAB_FILE).read_bytes().decode().removesuffix("\n").split("\n")
        if tuple(lines[: len(SPECIAL_LABELS)]) != SPECIAL_LABELS:
            raise ValueError(f"{_VOCAB_FILE} must start with {', '.join(SPECIAL_LABELS)}.")
        return cls(lines[len(SPECIAL_LABELS) :], form)


def _mark(key: str) -> str:
    return _CONTINUES_LABEL + key[1:] if key.startswith(_CONTINUES) else key


def _unmark(piece: str) -> str:
    is_continuation = piece.startswith(_CONTINUES_LABEL)
    return _CONTINUES + piece[len(_CONTINUES_LABEL) :] if is_continuation else piece


def _text(key: str) -> str:
    return key[1:] if key.startswith(_CONTINUES) else " " + key


def _word_parts(sentences: list[str]) -> Iterator[tf.Tensor]:
    """Split sentences into the longest parts that a piece may cover; mark the continuations."""
    for start in range(0, len(sentences), _SENTENCES_AT_ONCE):
        batch = sentences[start : start + _SENTENCES_AT_ONCE]
        words = tf_text.regex_split(batch, _WHITE_SPACE).flat_values
        parts = tf_text.regex_split(words, _STANDS_ALONE, _STANDS_ALONE)
        first = tf.ragged.range(parts.row_lengths()).flat_values == 0
        yield tf.where(first, parts.flat_values, _CONTINUES + parts.flat_values)


def _most_frequent(keys: list[str], size: int) -> list[str]:
    """Cut the learner's vocabulary to size: drop the rarest pieces, but no single characters."""
    keys = [key for key in keys if key.strip(_CONTINUES)]
    surplus = max(len(keys) - size, 0)
    longer = [key for key in reversed(keys) if len(key.lstrip(_CONTINUES)) > 1]
    rarest = set(itertools.islice(longer, surplus))
    return [key for key in keys if key not in rarest]
