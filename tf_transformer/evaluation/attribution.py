"""The words that a classifier's answer relies on."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from tf_transformer.evaluation.roll_out import roll_out

if TYPE_CHECKING:
    import keras

    from tf_transformer.text.tokenizer import Tokenizer

# TensorFlow is imported inside the functions: importing takes seconds, and scores do not need it.


@dataclasses.dataclass(frozen=True)
class Attribution:
    """What each word of a text adds to a classifier's answer.

    Args:
        words: the words of the text, each with the space before it.
        shares: what each word adds to the log-odds of the answer; a negative share speaks against
            the answer.
        attention: each word's part in the average, according to attention roll-out; END has the
            rest, up to 1.
        label: number of the answer's class.
        probability: probability of the answer.
    """

    words: list[str]
    shares: np.ndarray
    attention: np.ndarray
    label: int
    probability: float


def attribute(model: keras.Model, tokenizer: Tokenizer, text: str) -> Attribution:
    """Return what each word adds: how far the answer's log-odds fall when the word is hidden.

        share = log-odds(text) - log-odds(text without the word),  log-odds = log(p / (1 - p))

    A hidden word is neither attended to nor averaged. The model knows this from training with word
    dropout. Gradients would tell less: layer norms undo a scaling of their inputs, which makes the
    slope along a vector almost zero.

    Attention is returned too, for comparison: a model need not rely on what it looks at.

    Args:
        model: a `TransformerClassifier`.
        tokenizer: the model's tokenizer.
        text: the text to classify; the model reads as much of it as it can take.

    Reference:
        Li, Monroe and Jurafsky 2016, *Understanding Neural Networks through Representation
        Erasure*; for attention see `roll_out`.
    """
    import tensorflow as tf

    from tf_transformer.text.tokenizer import END

    token_ids = tokenizer.tokenize(tf.constant([text]))[:, : model.config.max_length - 1]
    starts = tokenizer.starts_word(token_ids).values.numpy()
    token_ids = tf.concat([token_ids, tf.constant([[END]])], axis=1).to_tensor()
    word_of = np.cumsum(starts) - starts[:1].sum()  # (tokens,); the first one starts a word too
    count = int(word_of.max(initial=-1)) + 1
    hides = np.arange(-1, count)[:, None] == word_of  # (1 + words, tokens); row 0 hides nothing
    is_seen = np.pad(~hides, ((0, 0), (0, 1)), constant_values=True)  # END always is

    vectors = tf.repeat(model.embedding(token_ids), count + 1, axis=0)
    logits = np.asarray(model.classify(vectors, tf.constant(is_seen)), "float64")
    label = int(logits[0].argmax())
    others = np.delete(logits, label, axis=1)
    log_odds = logits[:, label] - np.logaddexp.reduce(others, axis=1)  # (1 + words,)

    flow = roll_out(np.asarray(model.attention_weights(token_ids))[0])  # (tokens + END, same)
    flow = flow.mean(axis=0)[:-1]  # (tokens,)
    attention = np.bincount(word_of, flow, minlength=count)
    ids = np.asarray(token_ids)[0, :-1]
    words = [_text(tokenizer, ids, word_of, word) for word in range(count)]
    probability = float(1 / (1 + np.exp(-log_odds[0])))
    return Attribution(words, log_odds[0] - log_odds[1:], attention, label, probability)


def _text(tokenizer: Tokenizer, ids: np.ndarray, word_of: np.ndarray, word: int) -> str:
    """Return the text of a word, with the space before it."""
    import tensorflow as tf

    before, own = (tf.constant(ids[chosen][None]) for chosen in (word_of < word, word_of == word))
    return tokenizer.detokenize_continuation(own, before).numpy()[0].decode()
