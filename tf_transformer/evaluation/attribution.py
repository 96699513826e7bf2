"""Which words a classifier's answer rests on."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from tf_transformer.evaluation.roll_out import roll_out

if TYPE_CHECKING:
    import keras

    from tf_transformer.text.tokenizer import Tokenizer

# TensorFlow is imported inside the functions: that takes seconds, and scores do without it.


@dataclasses.dataclass(frozen=True)
class Attribution:
    """What each word of a text adds to a classifier's answer.

    Args:
        words: of the text, each with the space before it.
        shares: what each word adds to the log-odds of the answer; below 0 it speaks against it.
        attention: the part of each word in what is averaged, by attention alone, rolled out; END
            has the rest, up to 1.
        label: number of the answer's class.
        probability: of the answer.
    """

    words: list[str]
    shares: np.ndarray
    attention: np.ndarray
    label: int
    probability: float


def attribute(model: keras.Model, tokenizer: Tokenizer, text: str) -> Attribution:
    """Return what each word adds: how far the answer's log-odds fall when the word is hidden.

        share = log-odds(text) - log-odds(text without the word),  log-odds = log(p / (1 - p))

    A hidden word is neither attended to nor averaged, as in training with word dropout: the model
    is not asked what it has not learned. Gradients would say less here: layer norms undo
    a scaling of what they normalise, and along a vector itself the slope is next to nothing.
    Attention is told beside it: what a model looks at need not be what it goes by.

    Args:
        model: a `TransformerClassifier`.
        tokenizer: the model's.
        text: what is classified; as much of it as the model takes.

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
