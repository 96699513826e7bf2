"""Forms of text: how a corpus is written, and how to turn ordinary text into it and back."""

from __future__ import annotations

from collections.abc import Iterable

import tensorflow as tf

from tf_transformer.errors import UserError

PLAIN = "plain"


class TextForm:
    """Plain text, as people write it: nothing is changed. Subclasses are other forms.

    A model reads and writes the form of text that it was trained on. `prepare` turns a person's
    text into that form, and `present` turns the model's output into text for people.

    Attributes:
        name: name of the form, such as `"plain"`.

    Example:
        ```python
        import tf_transformer as tft

        form = tft.text.find_form("treebank")
        form.prepare(["I don't know."])  # [b"i do n't know ."]
        form.present(["i do n't know ."])  # [b"I don't know."]
        ```
    """

    name: str = PLAIN

    def prepare(self, text: tf.Tensor) -> tf.Tensor:
        """Turn ordinary text into this form; text that is already in this form does not change.

        Args:
            text: strings `(batch,)` of any bytes.

        Returns:
            Strings `(batch,)`.
        """
        return text

    def present(self, text: tf.Tensor, case: bool = True) -> tf.Tensor:
        """Turn text of this form into text for people.

        Args:
            text: strings `(batch,)`, valid UTF-8.
            case: whether to restore capitals that the form has lost. Defaults to `True`.

        Returns:
            Strings `(batch,)`.
        """
        return text


def find_form(name: str) -> TextForm:
    """Find a form of text by its name: `"plain"`, `"treebank"` or `"ted_hrlr"`.

    Raises:
        UserError: for an unknown name.

    Example:
        ```python
        import tf_transformer as tft

        tft.text.find_form("treebank")  # a `Treebank`
        ```
    """
    forms = form_classes()
    if name not in forms:
        raise UserError(f"Unknown form of text {name!r}; choose one of {', '.join(forms)}.")
    return forms[name]()


def form_classes() -> dict[str, type[TextForm]]:
    """Return the classes of all forms of text, keyed by the forms' names."""
    classes, forms = [TextForm], {}
    for form in classes:
        forms[form.name] = form
        classes.extend(form.__subclasses__())
    return forms


def rewrite(text: tf.Tensor, rules: Iterable[tuple[str, str]]) -> tf.Tensor:
    """Replace every match of each rule's pattern, one rule after the other.

    Args:
        text: strings of any shape, valid UTF-8.
        rules: pairs of a pattern and its replacement, both in RE2's syntax.
    """
    for pattern, replacement in rules:
        text = tf.strings.regex_replace(text, pattern, replacement)
    return text
