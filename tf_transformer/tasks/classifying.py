"""How a text classifier is called, whether live or loaded."""

from __future__ import annotations

from tf_transformer.tasks.text_surface import Texts, TextSurface


class Classifying(TextSurface):
    """Classifies texts of any kind: the interface of a live or exported `TextClassifier`.

    It needs the graph function `classify`.
    """

    def __call__(self, text: Texts, *, details: bool = False) -> object:
        """Classify texts.

        Args:
            text: a `str`, any number of them, or a string tensor `(batch,)` or `()`.
            details: whether to return more than the label. Defaults to `False`.

        Returns:
            The name of the class: a `str`, a list of them or a tensor, like `text`. With details, a
            dictionary (for a list, a list of dictionaries): `label`; `probability`, that of the
            label; and `probabilities`, those of all classes in their order.

        Raises:
            UserError: if `text` is not text.
        """
        return self._answer(text, self.graph("classify"), "label", details)
