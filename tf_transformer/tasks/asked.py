"""What a caller asks of translations, checked, and as the inputs of a graph."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

import tensorflow as tf

from tf_transformer.errors import UserError
from tf_transformer.tasks.options import real, whole


@dataclasses.dataclass(frozen=True)
class Asked:
    """What a caller asks of all texts of a call: see `Translating.__call__`.

    Raises:
        UserError: if something cannot be asked for.

    Example:
        ```python
        from tf_transformer.tasks.asked import Asked

        bool(Asked())  # False
        asked = Asked(must=["blue house"], terms={"João": "John"})
        text, prefix, must, must_not, terms, copy, min_length = asked.inputs(["O João saiu."])
        ```
    """

    prefix: str = ""
    must: Iterable[str] = ()
    must_not: Iterable[str] = ()
    terms: Mapping[str, str] | Iterable[str] = ()
    copy: bool = False
    min_length: int = 0
    groups: int | None = None
    diversity: float = 0.0
    per_token: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.prefix, str):
            raise UserError(f"prefix={self.prefix!r}: give the beginning as a str.")
        for name in ("must", "must_not", "terms"):
            object.__setattr__(self, name, _phrases(name, getattr(self, name)))
        whole("min_length", self.min_length, 0)
        real("diversity", self.diversity)
        if self.groups is not None:
            whole("groups", self.groups, 1)

    def __bool__(self) -> bool:
        return self != Asked()

    def require_beam(self, beam_size: int) -> None:
        """Raise `UserError` if a beam of this size cannot do what is asked."""
        if self.must and beam_size == 1:
            raise UserError("must: phrases are looked for with a beam; set beam_size=4.")
        groups = self.groups_of(beam_size)
        if beam_size % groups:
            raise UserError(f"groups={groups}: a beam of {beam_size} cannot be divided equally.")
        if self.diversity and groups == 1:
            raise UserError(
                f"diversity={self.diversity}: groups avoid one another; a beam of {beam_size} "
                f"needs {'groups above 1' if beam_size > 1 else 'beam_size above 1'}."
            )

    def require_no_beam(self) -> None:
        """Raise `UserError` if what is asked cannot be drawn at random."""
        for name in ("must", "diversity", "groups"):
            if getattr(self, name):
                raise UserError(
                    f"{name}: only a beam can do this; set beam_size=4, and draw nothing."
                )

    def groups_of(self, beam_size: int) -> int:
        """Return the number of groups: by default, one for each hypothesis if they shall differ."""
        return self.groups or (beam_size if self.diversity else 1)

    def inputs(self, text: tf.Tensor) -> list[tf.Tensor]:
        """Return texts, string `(batch,)`, and what is asked of each, as graphs take them."""
        terms = self.terms
        if isinstance(terms, dict):
            terms = ["\t".join(term) for term in terms.items()]
        values = (self.prefix, "\n".join(self.must), "\n".join(self.must_not), "\n".join(terms))
        size = tf.shape(text)
        asked = [tf.fill(size, tf.constant(_encoded(value))) for value in values]
        return [text, *asked, tf.fill(size, bool(self.copy)), tf.fill(size, int(self.min_length))]


def _phrases(name: str, phrases: object) -> tuple[str, ...] | dict[str, str]:
    """Return phrases, or terms with their translations, that can be written one a line."""
    if isinstance(phrases, str | bytes) or not isinstance(phrases, Iterable):
        raise UserError(f"{name}={phrases!r}: give a list of str, even for one.")
    is_mapping = name == "terms" and isinstance(phrases, Mapping) and len(phrases) > 0
    found = dict(phrases) if is_mapping else tuple(phrases)
    for phrase in [*found, *(found.values() if is_mapping else ())]:
        if not isinstance(phrase, str):
            raise UserError(f"{name}: each must be a str, but one is {phrase!r:.80}.")
        if "\n" in phrase or "\t" in phrase:
            raise UserError(f"{name}: {phrase!r:.80} has a line break or a tab; write a space.")
    for phrase in found:
        if not phrase.strip():
            raise UserError(f"{name}: {phrase!r} is blank; leave it out.")
    return found


def _encoded(text: str) -> bytes:
    return text.encode(errors="surrogatepass")
