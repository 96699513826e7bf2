"""Pictures of attention while a model learns."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Mapping

import tensorflow as tf
from keras import ops

from tf_transformer.plots import attention_figure

_DOTS_PER_INCH = 80
_MOST_TOKENS = 32  # of a text: pictures of more are too large to look at
_PAUSE = 20  # times as long as it took to draw: drawing takes no more than a twentieth of the time


class AttentionPictures:
    """Draws where the heads look in a few texts, the same ones each time.

    Args:
        looks: for each text a function that returns where the model looks in it just now: what
            `attention_figure` takes.
    """

    def __init__(self, looks: Mapping[str, Callable]):
        self._looks = looks
        self._due = 0.0

    def draw(self):
        """Return a picture of each text, `{text: uint8 (height, width, 3)}`, or nothing if the last
        ones were drawn a short while ago."""
        started = time.monotonic()
        if started < self._due:
            return {}
        pictures = {text: _picture(*look()) for text, look in self._looks.items()}
        ended = time.monotonic()
        self._due = ended + _PAUSE * (ended - started)
        return pictures


def pictures_of_pairs(translator, pairs):
    """Return the pictures of two pairs of sentences, a short one and one of middling length.

    The model is made to write the references, whatever it would write by itself: so the rows of a
    picture are the same each time, too.

    Args:
        translator: a `Translator`.
        pairs: a `Pairs`, to choose from.

    Returns:
        `AttentionPictures`.
    """

    def look(source, target):
        found = translator.align(tf.constant([source]), tf.constant([target]))
        labels = (_labels(found[f"{side}_tokens"][0]) for side in ("source", "target"))
        return found["attention"][0].numpy(), *labels

    chosen = _short_and_middling(list(zip(pairs.sources, pairs.targets, strict=True)))
    return AttentionPictures({" → ".join(pair): lambda pair=pair: look(*pair) for pair in chosen})


def pictures_of_texts(model, tokenizer, texts):
    """Return the pictures of two texts, a short one and one of middling length.

    Args:
        model: a `CausalLM` or a `TransformerClassifier`.
        tokenizer: its `Tokenizer`.
        texts: a sequence of strings, to choose from.

    Returns:
        `AttentionPictures`.
    """

    def look(text):
        ids = tokenizer.tokenize(tf.constant([text])).to_tensor()[:, :most]
        weights = model.attention_weights(ids)  # (1, layers, heads, tokens, tokens)
        labels = _labels(tokenizer.tokens(ids[0]))
        return ops.convert_to_numpy(weights)[0], labels, labels

    most = min(_MOST_TOKENS, model.config.max_length)
    chosen = _short_and_middling([(text,) for text in texts if text])
    return AttentionPictures({text: lambda text=text: look(text) for (text,) in chosen})


def _short_and_middling(rows):
    rows = sorted(rows, key=lambda row: len(row[0]))
    return [rows[i] for i in dict.fromkeys((len(rows) // 4, len(rows) // 2)) if rows]


def _labels(tokens):
    return [token.decode(errors="replace") for token in tokens.numpy()]


def _picture(attention, source_tokens, target_tokens):
    file = io.BytesIO()
    attention_figure(attention, source_tokens, target_tokens).savefig(
        file, format="png", dpi=_DOTS_PER_INCH, bbox_inches="tight"
    )
    return tf.io.decode_png(file.getvalue(), channels=3)
