"""A page to explore where the heads look: a single HTML file that loads nothing else."""

from __future__ import annotations

import base64
import html
import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tf_transformer.errors import UserError
from tf_transformer.files import write_text

_TEMPLATE = Path(__file__).with_suffix(".html")
ATTENTION_FILES = tuple(map(Path(__file__).with_name, ("attention.css", "attention.js")))
"""The style and the script of the view, for all pages that have an element `#attention`."""

_WORD_START, _CONTINUATION = "▁", "##"  # SentencePiece's and WordPiece's
_START, _ = _SPECIALS = ("[START]", "[END]")  # labels that occur in no text
_KINDS = ("cross", "encoder", "decoder")


def save_attention_page(
    path: str | os.PathLike,
    attention: Mapping[str, np.ndarray],
    source_tokens: Sequence[str],
    target_tokens: Sequence[str],
    confidence: float | None = None,
) -> None:
    """Write an HTML page on which people explore the attention of a translation.

    It is self-contained, works without a network, and can be sent to anyone. Weights are rounded to
    1/255.

    Args:
        path: path of the file, which is replaced if it exists.
        attention: weights from 0 to 1: `"cross"` `(layers, heads, target, source)`, and perhaps
            `"encoder"` `(layers, heads, source, source)` and `"decoder"`
            `(layers, heads, target, target)`. Columns of the last are START and all target tokens
            except the last.
        source_tokens: labels of the source.
        target_tokens: labels of the translation.
        confidence: the confidence in the translation, from 0 to 1. Defaults to unknown.

    Raises:
        UserError: if the weights do not fit the tokens.

    Example:
        ```python
        import numpy as np

        from tf_transformer.plots import save_attention_page

        weights = {"cross": np.full((1, 2, 3, 2), 0.5)}  # layers, heads, target, source
        save_attention_page("attention.html", weights, ["bom", "dia"], ["good", "morning", "."])
        ```
    """
    maps = []
    for name in _KINDS:
        if name in attention:
            maps.append(_map(name, attention[name], source_tokens, target_tokens))
    is_known = confidence is not None
    chance = "the chance that it has at least the model's usual quality"
    said = f" The confidence in the translation, {chance}, is {confidence:.0%}." if is_known else ""
    write_text(path, _page(maps, " ".join(source_tokens), said))


def _page(maps: Sequence[Mapping[str, Any]], title: str, confidence: str) -> str:
    style, script = (file.read_text(encoding="utf-8") for file in ATTENTION_FILES)
    values = {
        "style": style,
        "script": script,
        "confidence": confidence,
        "title": html.escape(f"Attention: {title}"),
        "data": json.dumps(maps, ensure_ascii=False).replace("<", "\\u003c"),  # no "</script>"
    }
    template = _TEMPLATE.read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: values[found[1]], template)


def _map(
    name: str, weights: np.ndarray, source_tokens: Sequence[str], target_tokens: Sequence[str]
) -> dict[str, Any]:
    """Return the page's data on one kind of attention."""
    queries = source_tokens if name == "encoder" else target_tokens
    keys = [_START, *target_tokens[:-1]] if name == "decoder" else source_tokens
    weights = np.asarray(weights, "float32")
    if weights.ndim != 4 or weights.shape[2:] != (len(queries), len(keys)) or not weights.size:
        raise UserError(
            f"{name} attention of shape {weights.shape} cannot be shown as "
            f"(layers, heads, {len(queries)}, {len(keys)})."
        )
    rounded = np.rint(255 * np.clip(weights, 0, 1)).astype("uint8")
    return {
        "name": name,
        "queries": spelled_tokens(queries),
        "keys": spelled_tokens(keys),
        "shape": weights.shape,
        "weights": base64.b64encode(rounded.tobytes()).decode(),
    }


def spelled_tokens(tokens: Sequence[str]) -> list[tuple[str, bool, bool]]:
    """Return each token's text, whether a word starts with it, and whether it is a special one."""
    marked = any(token.startswith(_WORD_START) for token in tokens)
    readable = []
    for token in tokens:
        special = token in _SPECIALS
        starts = token.startswith(_WORD_START) if marked else not token.startswith(_CONTINUATION)
        text = token.removeprefix(_WORD_START if marked else _CONTINUATION) or token
        readable.append((text, starts or special, special))
    return readable
