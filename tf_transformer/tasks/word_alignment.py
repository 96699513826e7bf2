"""Which source word each word of a translation comes from, according to the attention."""

from __future__ import annotations

import tensorflow as tf

from tf_transformer.text.tokenizer import END, PAD, Tokenizer

_HARDLY = 0.1  # of a target token's attention


def word_alignment(
    attention: tf.Tensor,
    source_words: tf.Tensor,
    target_words: tf.Tensor,
    hardly: float = _HARDLY,
) -> tf.Tensor:
    """Align each word of a translation to the source word of whose attention it has most.

    With the weight `a_ts` of a target word `t` on a source word `s`, summed over the pieces of
    both:

        argmax_s  a_ts / (hardly + sum(a_us for u in target words))

    A source word that many words look at, as the last often is, thus belongs only to those that
    look at it more than others do. The words of a text are what stands between its spaces.

    Args:
        attention: float32 `(batch, target, source)`.
        source_words: int32 `(batch, source)`, the number of the word of each piece, -1 for none.
        target_words: int32 `(batch, target)`, the same for the translation.
        hardly: attention that counts little. A source word that gets less is not aligned because
            of a large share in nearly nothing. The larger, the more the weights count, and not the
            shares. Defaults to 0.1.

    Returns:
        Strings `(batch,)`, such as `"0-0 1-2"`: for each word of the translation, in order, the
        number of a source word and its own, as aligners write them (the Pharaoh format).
    """
    count = tf.reduce_max(tf.concat([source_words, target_words], axis=1)) + 1
    sources, targets = (
        tf.one_hot(words, tf.maximum(count, 1)) for words in (source_words, target_words)
    )
    weights = tf.einsum("bts,btw,bsv->bwv", attention, targets, sources)  # (batch, word, word)
    shares = weights / (hardly + tf.reduce_sum(weights, axis=1, keepdims=True))
    is_word = tf.reduce_any(targets > 0, axis=1) & tf.reduce_any(sources > 0, axis=[1, 2])[:, None]
    best = tf.argmax(shares, axis=2, output_type=tf.int32)
    places = tf.where(is_word)
    pairs = tf.strings.as_string(tf.gather_nd(best, places))
    pairs += "-" + tf.strings.as_string(places[:, 1])
    return tf.strings.unsorted_segment_join(
        pairs, places[:, 0], tf.shape(attention)[0], separator=" "
    )


def numbers_of_words(ids: tf.Tensor, tokens: tf.Tensor, tokenizer: Tokenizer) -> tf.Tensor:
    """Return the number of the word of each token, int32 `(batch, tokens)`, -1 for END and PAD.

    Args:
        ids: int32 `(batch, tokens)`.
        tokens: their labels, strings `(batch, tokens)`. A hidden word that has been put back may
            have spaces: it counts as several words, and its token as the first.
        tokenizer: the tokenizer of the ids.
    """
    starts = tf.cast(tokenizer.starts_word(ids), tf.int32)
    further = tf.strings.length(tf.strings.regex_replace(tokens, "[^ ]", ""))
    is_one_of_several = tf.where(tf.strings.regex_full_match(tokens, " *"), 0, further)
    number = tf.cumsum(starts, axis=1) - starts[:, :1]
    number += tf.cumsum(is_one_of_several, axis=1, exclusive=True)
    return tf.where((ids == END) | (ids == PAD), -1, number)
