"""Images of attention while a model learns."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from tf_transformer.plots import attention_figure
from tf_transformer.text.tags import TAGS

if TYPE_CHECKING:
    from tf_transformer.data import Pairs
    from tf_transformer.tasks import Translator
    from tf_transformer.text.tokenizer import Tokenizer

    # Weights, labels of columns and rows, and perhaps titles of both.
    Look = (
        tuple[np.ndarray, list[str], list[str]] | tuple[np.ndarray, list[str], list[str], str, str]
    )

_DOTS_PER_INCH = 80
_MOST_TOKENS = 32  # of a text: larger images are hard to look at
_PAUSE = 20  # times as long as drawing took, so that drawing takes a twentieth of the time at most


class AttentionImages:
    """Draws where the heads look in a few texts, the same ones each time.

    Args:
        looks: for each text, a function that returns where the model looks at the moment: the
            arguments of `attention_figure`.
    """

    def __init__(self, looks: Mapping[str, Callable[[], Look]]) -> None:
        self._looks = looks
        self._due = 0.0

    @classmethod
    def of_pairs(cls, translator: Translator, pairs: Pairs) -> AttentionImages:
        """Return images of two pairs of sentences, a short one and one of medium length.

        The model is made to write the references, so that the rows of an image are the same each
        time.

        Args:
            translator: translator of the model in training.
            pairs: pairs to choose from; those with a tag are left out.
        """

        def look(source: str, target: str) -> Look:
            found = translator.align(tf.constant([source]), tf.constant([target]))
            sources, targets = (
                _labels(found[f"{side}_tokens"][0]) for side in ("source", "target")
            )
            return found["attention"][0].numpy(), sources, targets

        chosen = _short_and_middling([pair for pair in pairs if pair[0][:1] not in {*TAGS}])
        return cls({" → ".join(pair): lambda pair=pair: look(*pair) for pair in chosen})

    @classmethod
    def of_texts(
        cls, model: keras.Model, tokenizer: Tokenizer, texts: Sequence[str]
    ) -> AttentionImages:
        """Return images of two texts, a short one and one of medium length.

        Args:
            model: a `CausalLM` or a `TransformerClassifier`.
            tokenizer: the model's tokenizer.
            texts: texts to choose from.
        """
        most = min(_MOST_TOKENS, model.config.max_length)

        def look(text: str) -> Look:
            ids = tokenizer.tokenize(tf.constant([text])).to_tensor()[:, :most]
            weights = model.attention_weights(ids)  # (1, layers, heads, tokens, tokens)
            labels = _labels(tokenizer.tokens(ids[0]))
            weights = ops.convert_to_numpy(weights)[0]
            return weights, labels, labels, "token that is looked at", "token that looks"

        chosen = _short_and_middling([(text,) for text in texts if text])
        return cls({text: lambda text=text: look(text) for (text,) in chosen})

    def draw(self, at_once: bool = False) -> dict[str, tf.Tensor]:
        """Return an image of each text, or nothing if the last ones are recent.

        Args:
            at_once: whether to draw them even then. Defaults to `False`.

        Returns:
            uint8 `(height, width, 3)` for each text.
        """
        started = time.monotonic()
        if started < self._due and not at_once:
            return {}
        images = {text: _image(*look()) for text, look in self._looks.items()}
        ended = time.monotonic()
        self._due = ended + _PAUSE * (ended - started)
        return images


def _short_and_middling(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    rows = sorted(rows, key=lambda row: len(row[0]))
    return [rows[i] for i in dict.fromkeys((len(rows) // 4, len(rows) // 2)) if rows]


def _labels(tokens: tf.Tensor) -> list[str]:
    return [token.decode(errors="replace") for token in tokens.numpy()]


def _image(*look: np.ndarray | Sequence[str]) -> tf.Tensor:
    file = io.BytesIO()
    attention_figure(*look).savefig(file, format="png", dpi=_DOTS_PER_INCH, bbox_inches="tight")
    return tf.io.decode_png(file.getvalue(), channels=3)
