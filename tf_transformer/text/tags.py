"""Tags: symbols before a source that say which language and form of text is wanted."""

from __future__ import annotations

from tf_transformer.text.tokenizer import SPECIAL_LABELS, Tokenizer

TAGS = "".join(map(chr, range(0xE010, 0xE020)))
"""They are for private use, so they mean nothing in any text."""


def tag_id(tokenizer: Tokenizer, tag: str) -> int | None:
    """Return the id of a tag, one of a tokenizer's symbols; of no tag, `None`."""
    return len(SPECIAL_LABELS) + tokenizer.symbols.index(tag) if tag else None
