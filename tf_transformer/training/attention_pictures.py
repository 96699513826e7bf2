"""Pictures of attention while a model learns."""

import io
import time

import tensorflow as tf

from tf_transformer.evaluation import attention_figure

_DOTS_PER_INCH = 80
_PAUSE = 20  # times as long as it took to draw: drawing takes no more than a twentieth of the time


class AttentionPictures:
    """Draws where the heads look in a few sentences, the same ones each time.

    The model is made to write the references, whatever it would write by itself: so the rows of a
    picture are the same each time, too.

    Args:
        translator: a `Translator`.
        pairs: a `Pairs`, from which two sentences are chosen: a short one, and one of middling
            length.

    Attributes:
        pairs: the sentences that are drawn, each with its reference.
    """

    def __init__(self, translator, pairs):
        self._translator = translator
        self._due = 0.0
        order = sorted(range(len(pairs)), key=lambda i: len(pairs.sources[i]))
        places = dict.fromkeys((len(order) // 4, len(order) // 2))
        self.pairs = [(pairs.sources[order[i]], pairs.targets[order[i]]) for i in places]

    def draw(self):
        """Return a picture of each sentence, uint8 `(height, width, 3)`, or none of any if the last
        ones were drawn a short while ago."""
        started = time.monotonic()
        if started < self._due:
            return []
        pictures = [self._picture(*pair) for pair in self.pairs]
        ended = time.monotonic()
        self._due = ended + _PAUSE * (ended - started)
        return pictures

    def _picture(self, source, target):
        found = self._translator.align(tf.constant([source]), tf.constant([target]))
        labels = [
            [token.decode(errors="replace") for token in found[f"{side}_tokens"][0].numpy()]
            for side in ("source", "target")
        ]
        file = io.BytesIO()
        attention_figure(found["attention"][0].numpy(), *labels).savefig(
            file, format="png", dpi=_DOTS_PER_INCH, bbox_inches="tight"
        )
        return tf.io.decode_png(file.getvalue(), channels=3)
