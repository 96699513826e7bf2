"""Tags: symbols before a source that name the language and form of the translation."""

from __future__ import annotations

from tf_transformer.text.tokenizer import SPECIAL_LABELS, Tokenizer

TAGS = "".join(map(chr, range(0xE010, 0xE020)))
"""Private-use characters, which have no meaning in any text."""


def tag_id(tokenizer: Tokenizer, tag: str) -> int | None:
    """Return the id of a tag, which is one of a tokenizer's symbols; `None` for no tag."""
    return len(SPECIAL_LABELS) + tokenizer.symbols.index(tag) if tag else None
