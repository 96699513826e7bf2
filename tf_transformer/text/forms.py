"""How the text of a corpus is written, and the way there from ordinary text and back."""

from __future__ import annotations

from collections.abc import Iterable

import tensorflow as tf

from tf_transformer.errors import UserError

PLAIN = "plain"


class TextForm:
    """Plain text, as people write it: nothing is changed. Subclasses know other forms.

    A model that was trained on text of some form reads and writes that form. `prepare` turns what
    a person writes into it, and `present` turns what the model writes into text for people.

    Attributes:
        name: Of the form, such as `"plain"`.
    """

    name: str = PLAIN

    def prepare(self, text: tf.Tensor) -> tf.Tensor:
        """Turns ordinary text into this form. Text that is in this form already stays as it is.

        Args:
            text: Strings `(batch,)` of any bytes.

        Returns:
            Strings `(batch,)`.
        """
        return text

    def present(self, text: tf.Tensor, case: bool = True) -> tf.Tensor:
        """Turns text of this form into text for people.

        Args:
            text: Strings `(batch,)`, valid UTF-8.
            case: Whether to restore capitals that the form has lost. Defaults to `True`.

        Returns:
            Strings `(batch,)`.
        """
        return text


def find_form(name: str) -> TextForm:
    """Finds a form of text by its name: `"plain"`, `"treebank"` or `"ted_hrlr"`.

    Raises:
        UserError: There is none of that name.
    """
    forms = form_classes()
    if name not in forms:
        raise UserError(f"Unknown form of text {name!r}; choose one of {', '.join(forms)}.")
    return forms[name]()


def form_classes() -> dict[str, type[TextForm]]:
    """All forms of text, by their names."""
    classes, forms = [TextForm], {}
    for form in classes:
        forms[form.name] = form
        classes.extend(form.__subclasses__())
    return forms


def rewrite(text: tf.Tensor, rules: Iterable[tuple[str, str]]) -> tf.Tensor:
    """Replaces, rule by rule, every match of a pattern.

    Args:
        text: Strings of any shape, valid UTF-8.
        rules: Pairs of a pattern and what takes its place, both in RE2's syntax.
    """
    for pattern, replacement in rules:
        text = tf.strings.regex_replace(text, pattern, replacement)
    return text
