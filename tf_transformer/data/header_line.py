"""The check whether the first line of a table names its columns."""

from __future__ import annotations

import re

from tf_transformer.errors import UserError, warn

_NAMES = {
    "source": "source src input original from source_text source_sentence",
    "target": "target tgt trg output translation reference to target_text target_sentence",
    "label": "label labels class category target sentiment tag topic intent rating stars "
    "klasse kategorie étiquette catégorie classe etiqueta categoría categoria",
    "text": "text texts sentence sentences review comment document message content tweet "
    "satz texte phrase texto frase testo",
}
_LANGUAGES = frozenset(  # codes, and names in English and in some languages themselves
    re.findall(
        r"\w+",
        """
        ar cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv nl pl pt ro ru sk sl sr sv
        th tr uk ur vi zh arabic chinese czech danish dutch english finnish french german greek
        hebrew hindi hungarian italian japanese korean norwegian persian polish portuguese romanian
        russian spanish swedish thai turkish ukrainian vietnamese
        deutsch englisch französisch italienisch portugiesisch russisch spanisch
        allemand anglais espagnol français italien portugais
        alemán español francés inglés portugués alemão espanhol francês inglês português
        francese inglese italiano spagnolo tedesco
        """,
    )
)
_REGION = re.compile(r"[-_]\(?(br|pt|us|gb|uk|mx|es|tw|cn|hk|hans|hant|text)\)?$")


def is_header(path: str, row: tuple[str, str], first: str, second: str) -> bool:
    """Return whether a row names its columns; if so, warn on standard error that it is left out.

    Args:
        path: path of the file, for messages.
        row: the file's first row.
        first: contents of the first column: `"source"` or `"label"`.
        second: contents of the second column: `"target"` or `"text"`.

    Raises:
        UserError: if the row names the columns in the opposite order.
    """
    names = tuple(cell.strip("\"'# ").lower().replace(" ", "_") for cell in row)
    shown = " TAB ".join(row)
    if _names(names, second, first) and not _names(names, first, second):
        raise UserError(
            f"{path}: its header line ({shown}) says that the columns are swapped: "
            f"{first} TAB {second} is needed"
        )
    are_languages = first == "source" and names[0] != names[1] and all(map(_is_language, names))
    found = _names(names, first, second) or are_languages
    if found:
        warn(f"{path}: the first line ({shown}) is a header and is left out.")
    return found


def _is_language(name: str) -> bool:
    """Return whether a name is that of a language, with or without a region: pt, english_(us)."""
    return _REGION.sub("", name) in _LANGUAGES


def _names(names: tuple[str, ...], *kinds: str) -> bool:
    return all(name in _NAMES[kind].split() for name, kind in zip(names, kinds, strict=True))
