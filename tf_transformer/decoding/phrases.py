"""Phrases, watched for in text as it is written piece by piece, however it is split into pieces."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tf_transformer.text.tokenizer import END, PAD

_INSIDE, _BEFORE = 0, 1  # places: inside a word, and where a phrase may begin

# First bytes of characters in words: digits, letters, and all others except those from U+0080 to
# U+00BF and from U+2000 to U+2FFF, which are punctuation and signs.
_IN_WORD = np.array(
    [chr(byte).isalnum() if byte < 0x80 else byte not in (0xC2, 0xE2) for byte in range(256)]
)
_IS_FURTHER = np.arange(256) // 64 == 2  # further bytes of characters


class Phrases(NamedTuple):
    """Where a text stands in phrases, for each piece that may come next.

    A text has a place in each phrase: how much of it has just been written. A phrase counts as
    written where its first and last letters are those of whole words. Its `places` are, in order:
    inside a word; where a word may begin; after its first, second, … byte; after its last; and
    written, which no later piece changes. They follow from the text, not from its pieces.

    Phrase 0 is no phrase, and fills the places of rows with fewer phrases.

    Fields:
        after: int32 `(phrases, places, vocab)`, the place after a piece.
        pieces: int32 `(phrases, places)`, the piece that brings the phrase on if it is spelled
            as the tokenizer spells it, PAD where there is none.
        done: int32 `(phrases, places)`, how many of these pieces have been written.

    Example:
        ```python
        import tensorflow as tf

        import tf_transformer as tft
        from tf_transformer.decoding import Phrases

        tokenizer = tft.text.Characters.train(["a bad cab"], vocab_size=100)
        phrases = Phrases.of(["cab"], tokenizer)
        ids = tokenizer.tokenize(["a cab", "a cabbad", "bad"]).to_tensor()
        place = phrases.place(tf.ones([3, 1], tf.int32), ids)
        phrases.is_there(place)  # True, False and False
        ```

    Reference:
        Knuth, Morris & Pratt 1977, *Fast Pattern Matching in Strings*.
    """

    after: tf.Tensor
    pieces: tf.Tensor
    done: tf.Tensor

    @classmethod
    def of(cls, phrases: tf.Tensor, tokenizer: object) -> Phrases:
        """Prepare to watch for phrases.

        Args:
            phrases: strings `(phrases - 1,)`, none of them blank.
            tokenizer: the `Tokenizer` of the text.
        """
        phrases = tf.convert_to_tensor(phrases, tf.string)
        ids = tokenizer.tokenize(tf.concat([[""], phrases], axis=0))
        texts = ids.with_flat_values(tokenizer.texts(ids.flat_values))
        is_first = tf.ragged.range(ids.row_lengths()).flat_values == 0
        flat = texts.flat_values
        flat = tf.where(is_first, tf.strings.regex_replace(flat, "^ ", ""), flat)
        texts = texts.with_flat_values(flat)
        letters, lengths = _bytes(tf.strings.reduce_join(texts, axis=1))
        vocabulary = _bytes(tokenizer.texts(tf.range(tokenizer.vocab_size)))
        after = tf.map_fn(
            lambda phrase: _after_pieces(*phrase, *vocabulary),
            (letters, lengths),
            fn_output_signature=tf.int32,
        )
        is_none = lengths == 0
        stay = tf.zeros_like(after[0])
        return cls(
            tf.where(is_none[:, None, None], stay, after),
            *_spelling(ids, tf.strings.length(texts), tf.shape(after)[1]),
        )

    def place(self, phrases: tf.Tensor, ids: tf.Tensor, forget: bool = False) -> tf.Tensor:
        """Return the place of texts in phrases.

        Args:
            phrases: int32 `(batch, phrases)`, numbers of phrases.
            ids: int32 `(batch, ..., length)`, what has been written, then PAD.
            forget: whether what is written counts as other text, so that a phrase can be found
                again. Defaults to `False`.

        Returns:
            int32 `(batch, ..., phrases)`.
        """
        phrases = beside(phrases, ids)
        length = tf.reduce_max(tf.reduce_sum(tf.cast(ids != PAD, tf.int32), axis=-1))
        start = tf.zeros_like(ids[..., :1]) + tf.where(phrases > 0, _BEFORE, 0)
        last = tf.shape(self.after)[1] - 2

        def read(i: tf.Tensor, place: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            place = self.next_place(phrases, place, ids[..., i, None])
            if forget:
                place = tf.where(place == last, _INSIDE, tf.where(place > last, _BEFORE, place))
            return i + 1, place

        return tf.while_loop(lambda i, _: i < length, read, (0, start))[1]

    def next_place(self, phrases: tf.Tensor, place: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
        """Return the places after one more piece; the arguments are broadcast to one shape."""
        nothing = tf.zeros_like(phrases + place + ids)
        return tf.gather_nd(
            self.after, tf.stack([nothing + phrases, nothing + place, nothing + ids], axis=-1)
        )

    def is_there(self, place: tf.Tensor) -> tf.Tensor:
        """Return at which places a phrase is written, if the text ends here or a word does."""
        return place >= tf.shape(self.after)[1] - 2


def beside(rows: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
    """Reshape `(batch, n)` so that it broadcasts to `(batch, ..., n)`, like `ids`."""
    size, last = tf.unstack(tf.shape(rows))
    return tf.reshape(rows, [size, *[1] * (len(ids.shape) - 2), last])


def _bytes(texts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the bytes of texts, int32 `(texts, longest)`, and their lengths, `(texts,)`."""
    lengths = tf.strings.length(texts)
    longest = tf.maximum(tf.reduce_max(lengths), 1)
    return tf.cast(tf.io.decode_raw(texts, tf.uint8, fixed_length=longest), tf.int32), lengths


def _after_pieces(
    letters: tf.Tensor, length: tf.Tensor, vocabulary: tf.Tensor, lengths: tf.Tensor
) -> tf.Tensor:
    """Return the places in a phrase after each piece: see `Phrases.after`.

    Args:
        letters: int32 `(longest,)`, the phrase.
        length: int scalar, its bytes.
        vocabulary: int32 `(vocab, bytes)`, the bytes of all pieces.
        lengths: int32 `(vocab,)`.

    Returns:
        int32 `(longest + 3, vocab)`.
    """
    after_byte = _after_bytes(letters, length)  # (places, 256)
    places, written = tf.shape(after_byte)[0], tf.shape(after_byte)[0] - 1
    start = tf.repeat(tf.range(places)[:, None], tf.size(lengths), axis=1)  # (places, vocab)

    def read(i: tf.Tensor, place: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        byte = tf.broadcast_to(vocabulary[:, i], tf.shape(place))
        new = tf.gather_nd(after_byte, tf.stack([place, byte], axis=-1))
        return i + 1, tf.where(i < lengths, new, place)

    _, after = tf.while_loop(lambda i, _: i < tf.shape(vocabulary)[1], read, (0, start))
    ends = (start == written - 1) & (tf.range(tf.size(lengths)) == END)
    return tf.where(ends, written, after)


def _after_bytes(letters: tf.Tensor, length: tf.Tensor) -> tf.Tensor:
    """Return the places in a phrase after each byte, int32 `(longest + 3, 256)`.

    A text that is at place `t` ends with a byte that is in no word and `t - 1` bytes of the phrase.
    With one more byte, it is at place `k + 1` if such an end of length `k` can be continued by that
    byte, for the largest such `k`.
    """
    longest = tf.size(letters)
    in_word, is_further = tf.constant(_IN_WORD), tf.constant(_IS_FURTHER)
    pattern = tf.concat([[-1], letters], axis=0)  # -1: a byte that is in no word
    places = tf.range(longest + 2)

    # Is the last character of a text at place t in no word? It may have several bytes.
    is_first = ~tf.gather(is_further, letters) & (places[:, None] > places[None, 1 : longest + 1])
    first = tf.reduce_max(tf.where(is_first, places[1 : longest + 1], 0), axis=1)  # its first byte
    is_between = tf.where(
        first > 0, ~tf.gather(in_word, tf.gather(pattern, first) % 256), places > 0
    )

    # Is the end of length k of a text at place t the beginning of the phrase? (t, k)
    t, k, i = places[:, None, None], places[None, :, None], places[None, None, :]
    here = tf.gather(pattern, tf.clip_by_value(t - k + i, 0, longest))
    is_equal = tf.where(
        i == 0,
        tf.gather(is_between, tf.clip_by_value(t - k + 1, 0, longest + 1)),
        here == tf.gather(pattern, tf.minimum(i, longest)),
    )
    fits = tf.reduce_all(is_equal | (i >= k) | (k == t), axis=2) & (places[None] <= places[:, None])

    # Can it be continued by this byte? (t, k, byte)
    expected = tf.gather(pattern, tf.minimum(places, longest))
    goes_on = (expected[:, None] == tf.range(256)) & (places[:, None] <= length)  # (k, byte)
    begins = tf.where(is_further, is_between[:, None], ~in_word)  # (t, byte)
    accepts = tf.where(places[:, None] == 0, begins[:, None], goes_on[None])
    lengths = tf.where(fits[:, :, None] & accepts, places[:, None] + 1, 0)
    after = tf.reduce_max(lengths, axis=1)  # (t, byte)

    last, written = longest + 1, longest + 2
    after = tf.where(after == length + 1, last, after)
    at_last = tf.where(in_word, after[length + 1], written)
    return tf.concat([after[:last], at_last[None], tf.fill([1, 256], written)], axis=0)


def _spelling(
    ids: tf.RaggedTensor, lengths: tf.RaggedTensor, places: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the `pieces` and `done` of `Phrases`.

    Args:
        ids: int32 `(phrases, pieces)`, the pieces of phrases.
        lengths: their bytes.
        places: how many places there are.
    """
    ids, lengths = _dense(ids), _dense(lengths)  # (phrases, pieces)
    ends = _BEFORE + tf.cumsum(lengths, axis=1)
    is_real, place = (ids != PAD)[:, :, None], tf.range(places)
    is_done = is_real & ((ends[:, :, None] <= place) | (place >= places - 2))
    done = tf.reduce_sum(tf.cast(is_done, tf.int32), axis=1)
    begins = ((ends - lengths)[:, :, None] == place) & (lengths > 0)[:, :, None]
    pieces = tf.reduce_max(tf.where(is_real & begins, ids[:, :, None], PAD), axis=1)
    return tf.where(place == _INSIDE, ids[:, :1], pieces), done  # the first may be a space alone


def _dense(x: tf.RaggedTensor) -> tf.Tensor:
    """Return rows that are padded with 0 (PAD), at least once."""
    return tf.pad(x.to_tensor(), [[0, 0], [0, 1]])
