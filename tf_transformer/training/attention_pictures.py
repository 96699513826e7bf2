"""Pictures of attention while a model learns."""

import io

import tensorflow as tf

from tf_transformer.evaluation import attention_figure

_DOTS_PER_INCH = 80


class AttentionPictures:
    """Draws where the heads look in a few sentences, the same ones each time.

    The model is made to write the references, whatever it would write by itself: so the rows of a
    picture are the same each time, too.

    Args:
        translator: a `Translator`.
        pairs: a `Pairs`, from which two sentences are chosen: a short one, and one of middling
            length.
    """

    def __init__(self, translator, pairs):
        self._translator = translator
        order = sorted(range(len(pairs)), key=lambda i: len(pairs.sources[i]))
        places = dict.fromkeys((len(order) // 4, len(order) // 2))
        self.pairs = [(pairs.sources[order[i]], pairs.targets[order[i]]) for i in places]

    def draw(self):
        """Return a picture of each sentence, uint8 `(height, width, 3)`."""
        return [self._picture(*pair) for pair in self.pairs]

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
