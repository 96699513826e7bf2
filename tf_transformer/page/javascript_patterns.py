"""The patterns of `text.rules`, in JavaScript's dialect."""

from __future__ import annotations

import re

from tf_transformer.text import rules
from tf_transformer.text.tags import TAGS

Pattern = tuple[str, str]  # a source, and flags; "g" and "u" come with all of them

_SYNTAX = "^$\\.*+?()[]{}|/-"  # what JavaScript lets one escape
_TOKEN = re.compile(r"\\p\{\w+\}|\\p\w|\\.|\(\?\w+\)|\(\?i:|.", re.DOTALL)


def javascript_pattern(pattern: str) -> Pattern:
    r"""Translate a pattern of RE2.

    `\pL` becomes `\p{L}`, `(?s)` a flag, and the ends of a line in `(?m)` are those of RE2, for
    which only "\n" ends one. In `(?i:…)` each letter becomes a class of both its cases.

    Args:
        pattern: in the syntax that `text.rules` is written in.

    Returns:
        The source of a regular expression with the flag `u`, and other flags that it needs.

    Example:
        ```python
        from tf_transformer.page.javascript_patterns import javascript_pattern

        javascript_pattern(r"(?s)^(\pL.*)\"$")  # ('^(\\p{L}.*)"$', 's')
        ```
    """
    flags, parts = "", []
    in_class, any_case, depth = False, 0, 0
    for token in _TOKEN.findall(pattern):
        if re.fullmatch(r"\(\?[ms]+\)", token):
            flags += token[2:-1]
            continue
        if token.startswith("\\p"):
            token = "\\p{" + token[2:].strip("{}") + "}"
        elif token.startswith("\\"):
            is_special = token[1] in _SYNTAX or token[1].isalnum()
            token = token if is_special else token[1]
        elif token == "(?i:":
            depth += 1
            any_case, token = depth, "(?:"
        elif in_class:
            in_class = token != "]"
            token = token + token.swapcase() if any_case and token.isalpha() else token
        elif token == "[":
            in_class = True
        elif token in "()":
            depth += 1 if token == "(" else -1
            any_case = any_case if depth >= any_case else 0
        elif token in "^$" and "m" in flags:
            token = r"(?<![^\n])" if token == "^" else r"(?![^\n])"
        elif any_case and token.isalpha():
            token = f"[{token}{token.swapcase()}]"
        parts.append(token)
    return "".join(parts), flags.replace("m", "")


def replacement(text: str) -> str:
    r"""Return what takes the place of a match: `\1` is `$1`."""
    return re.sub(r"\\(\d)", r"$\1", text)


def text_rules(known_characters: str | None) -> dict[str, object]:
    """Return what `rules.js` needs.

    Args:
        known_characters: those of the source's vocabulary, if the model has learned to translate
            around words with others.
    """
    each = javascript_pattern
    return {
        "patterns": {
            "ignorable": each(rules.IGNORABLE),
            "whiteSpace": each(rules.WHITE_SPACE),
            "lineBreak": each(f"({rules.LINE_BREAK})"),
            "copied": each(rules.COPIED),
            "boundaries": _pairs(rules.LIKELY_BOUNDARIES + rules.MARK_BOUNDARIES),
            "partEnds": _pairs(rules.PART_ENDS),
            "part": each(rules.PART),
            "inCapitals": each(rules.IN_CAPITALS),
            "withoutCapitals": each(rules.WITHOUT_CAPITALS),
            "inTitle": each(rules.IN_TITLE),
            "tag": each(f"[{''.join(TAGS)}]"),
        },
        "boundary": rules.BOUNDARY,
        "betweenParts": rules.BETWEEN_PARTS,
        "placeholders": rules.PLACEHOLDERS,
        "unseen": each(rules.unseen_pattern(known_characters)) if known_characters else None,
    }


def _pairs(pairs: tuple[tuple[str, str], ...]) -> list[tuple[str, str, str]]:
    return [(*javascript_pattern(pattern), replacement(new)) for pattern, new in pairs]
