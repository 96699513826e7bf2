"""The facts about a corpus."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from tf_transformer.config.bleu_words import ENGLISH, words_of_language


@dataclasses.dataclass(frozen=True)
class CorpusFacts:
    """The facts about a corpus, without its text: a run keeps them, and a model's card tells them.

    Args:
        name: name of the data set or file, as the user gave it.
        license: licence of the text. Defaults to `"unknown"`.
        source_language: code of the language translated from, such as `pt`. Defaults to none.
        target_language: code of the language translated to. Defaults to none.
        text_form: name of the form that the text is written in. Defaults to `"plain"`, as people
            write.
        size: pairs, texts or documents to train on; 0 means unknown. Defaults to 0.
        classes: names of the classes of the texts. Defaults to none.
        tokenize: how BLEU splits words. Defaults to what the form or the language needs.
        weight: how often an epoch shows each pair. Defaults to 1.
        tag: symbol that asks for this language and form. Defaults to `""`: none is needed.
        parts: for a mixture, the facts about each corpus, in each direction. Defaults to none.

    Example:
        ```python
        import tf_transformer as tft

        facts = tft.config.CorpusFacts("mine.pt,mine.en", "CC0", "pt", "en", size=2000)
        facts.bleu_tokenize  # '13a'
        ```
    """

    name: str
    license: str = "unknown"
    source_language: str = ""
    target_language: str = ""
    text_form: str = "plain"
    size: int = 0
    classes: tuple[str, ...] = ()
    tokenize: str = ""
    weight: float = 1.0
    tag: str = ""
    parts: tuple[CorpusFacts, ...] = ()

    @property
    def bleu_tokenize(self) -> str:
        """How `evaluation.score` splits its words."""
        if self.tokenize or self.text_form != "plain":
            return self.tokenize or self.text_form
        return words_of_language(self.target_language) or ENGLISH

    @property
    def tags(self) -> dict[str, str]:
        """The tags of the languages that a model can translate into, the usual one first."""
        usual_first = sorted(
            self.parts or (self,), key=lambda part: (part.tag != "", part.text_form != "plain")
        )
        tags: dict[str, str] = {}
        for part in usual_first:
            if part.target_language:
                tags.setdefault(part.target_language, part.tag)
        return tags

    @property
    def is_non_commercial(self) -> bool:
        """Whether the licence of the text, and thus of a model's weights, excludes business."""
        return "-NC" in self.license

    @property
    def bleu_note(self) -> str:
        """A note on a BLEU that does not count words; empty for one that does."""
        if self.bleu_tokenize != "char":
            return ""
        return (
            "BLEU counts characters here, not words: do not compare it with a BLEU of words; chrF "
            "says more. (pip install 'sacrebleu[ja]' or 'sacrebleu[ko]' splits Japanese or Korean.)"
        )

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> CorpusFacts:
        """Make it from the result of `to_dict`, read from JSON."""
        parts = tuple(map(cls.from_dict, values.get("parts", ())))
        return cls(**values | {"classes": tuple(values.get("classes", ())), "parts": parts})

    def to_dict(self) -> dict[str, Any]:
        """Return a dictionary of plain Python values, with fields of mixtures only if needed."""
        values = dataclasses.asdict(self) | {
            "classes": list(self.classes),
            "parts": [part.to_dict() for part in self.parts],
        }
        usual = {"weight": 1.0, "tag": "", "parts": []}
        return {name: x for name, x in values.items() if name not in usual or x != usual[name]}
