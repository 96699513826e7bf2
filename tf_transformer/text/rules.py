r"""The rules of clean text and of where sentences end: patterns, and functions in plain Python.

The graph uses the same patterns: see `cleaning` and `sentences`. Exports for other engines contain
a copy of this file, which therefore imports only the standard library. Patterns are written for
RE2; `python_pattern` turns `\p{…}` into ranges.
"""

from __future__ import annotations

import functools
import re
import sys
import unicodedata
from collections.abc import Callable

# Byte order mark, zero-width space, word joiner, soft hyphen, variation selectors, and `BOUNDARY`.
# Joiner and non-joiner (U+200C, U+200D) stay: Persian and Indic scripts need them.
IGNORABLE = "[\u00ad\u180b-\u180d\u180f\u200b\u2060\ufdd0\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]+"

# Unicode's White_Space.
_SPACE_IN_LINE = "\t\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
WHITE_SPACE = f"[\n{_SPACE_IN_LINE}]+"

# Nothing to translate: no letter, and no digit except the number of a line in a list.
COPIED = r"[^\pL\p{Nd}]*(?:\p{Nd}+[.)" + "\u20e3" + r"][^\pL\p{Nd}]*)?"

BOUNDARY = "\ufdd0"  # a noncharacter, which no clean text contains
LINE_BREAK = r"[ \t\f\r]*\n[ \t\n\f\r]*"
_SPACE = f"[{_SPACE_IN_LINE}]"
_CLOSERS = r"['\"’”»)\]“‘«]*"  # the last three close „German“, ‚such‘ and »such« quotes
_OPENERS = rf"(?:['\"‘“„‚«»(\[¿¡—–-]+{_SPACE}?)?"
_END = rf"[\pL\p{{Nd}}][.!?…,;:]*{_CLOSERS}"
_CAPITAL = r"[\p{Lu}\p{Lt}\p{Lo}]"

# Arrows, technical signs, shapes, dingbats, emoji with their joiners and modifiers, and bullets.
_PICTURE = "\u2190-\u21ff\u2300-\u2bff\u3030\u303d\U0001f000-\U0001fbff•‣⁃※"
_JOINED = "\u200d\u20e3\U000e0020-\U000e007f"
_PICTURES = rf"[{_PICTURE}][{_PICTURE}{_JOINED}]*(?:{_SPACE}+[{_PICTURE}{_JOINED}]+)*"
_SIGN = rf"{_PICTURE}{_JOINED}*#|~†‡§¶·\p{{Sm}}"
_SIGNS = rf"[{_SIGN}]+(?:{_SPACE}+[{_SIGN}]+)*"

# Their dot does not end a sentence, because a name or a number follows. Abbreviations that can end
# one ("etc.") are not here, and those that are also words count only with a capital.
_ABBREVIATION = (
    r"(?i:adm|arq|assoc|av|bel|brig|bros|capt|cel|cf|cia|cmdr|col|corp|depto?|dpto|dras?|drs?|eng|"
    r"eqs?|exm[ao]s?|fasc|figs?|gen|gov|hosp|inc|inst|jr|lda|lt|ltda?|maj|messrs|mlle|mme|mons|"
    r"mrs?|ms|mt|núm|págs?|pp|prof[ao]?s?|refs?|rev|séc|sect|sen|sgto?|sras?|srs?|sta?|sto|tabs?|"
    r"univ|vol|vols|vs)|"
    r"Acad|Alm|Caps?|Co|Dep|Des|Ed|Esc|Est|Fac|Fr|Fund|Gal|Hon|Ind|Ir|Lab|Min|Mt|Pe|Pres|Proc|"
    r"Quad|Rep|Sec|Soc|Supt|Ten|Ver"
)
_INITIALS = r"\p{Lu}|(?:\pL\pL?\.)+\pL\pL?"  # "J.", "E.U.A.", "p.m.", "Ph.D."

MARK_BOUNDARIES = (
    # Signs and pictures stand alone between sentences, and at the start and the end of a line.
    (
        rf"([.!?…]{_CLOSERS}){_SPACE}*({_SIGNS}){_SPACE}+({_OPENERS}[\pL\p{{Nd}}])",
        rf"\1{BOUNDARY}\2{BOUNDARY}\3",
    ),
    (rf"{_SPACE}({_PICTURES}){_SPACE}+({_OPENERS}{_CAPITAL})", rf"{BOUNDARY}\1{BOUNDARY}\2"),
    (rf"(?m)^({_SPACE}*{_SIGNS}){_SPACE}+({_OPENERS}{_CAPITAL})", rf"\1{BOUNDARY}\2"),
    (rf"(?m)({_END}){_SPACE}+({_SIGNS}{_SPACE}*)$", rf"\1{BOUNDARY}\2"),
    (rf"(?m)({_END})({_PICTURES}{_SPACE}*)$", rf"\1{BOUNDARY}\2"),
    # A mark that ends sentences, a space, and a capital or a letter without case. Lower-case text
    # is therefore not split, and neither is "«No!» said he" or "3. 14".
    (rf"([.!?…]{_CLOSERS})({_SPACE}+{_OPENERS}{_CAPITAL})", rf"\1{BOUNDARY}\2"),
    # "azul?O João", but neither "?Q=1" nor an address.
    (rf"(\p{{Ll}}[!?]+['\"’”»)\]]*)(\p{{Lu}}(?:\p{{Ll}}|{_SPACE}))", rf"\1{BOUNDARY}\2"),
    (rf"((?:://|www\.)[^\n{_SPACE_IN_LINE}{BOUNDARY}]*){BOUNDARY}", r"\1"),
    (
        rf"((?:^|[\n{_SPACE_IN_LINE}'\"‘“«(\[/—–-])(?:{_ABBREVIATION}|{_INITIALS})\.){BOUNDARY}",
        r"\1",
    ),
    (rf"(?m)(^{_SPACE}*\d+\.){BOUNDARY}", r"\1"),  # the number of a line in a list
    (rf"{BOUNDARY}{_SPACE}+", BOUNDARY),
    (rf"({LINE_BREAK})", rf"{BOUNDARY}\1{BOUNDARY}"),
)

# Where sentences probably end in hastily typed text. Each end is a mark right after a word: text
# that is already split into words ("nunca ! nunca .") has none. A dot counts after two letters or
# three digits, but not after common abbreviations.
LIKELY_BOUNDARIES = (
    (rf"([\pL\p{{Nd}}][!?]+)({_SPACE}+['\"‘“«(\[¿¡]*\p{{Ll}})", rf"\1{BOUNDARY}\2"),
    (
        rf"((?:\p{{Ll}}{{2}}|\p{{Nd}}{{3}})\.)({_SPACE}+['\"‘“«(\[¿¡]*\p{{Ll}})",
        rf"\1{BOUNDARY}\2",
    ),
    (rf"(\p{{Ll}}[!?]+)(\p{{Ll}}+(?:[,.!?]|{_SPACE}))", rf"\1{BOUNDARY}\2"),  # "azul?o João"
    (rf"(\p{{Ll}}{{3}}\.)(\p{{Lu}}\p{{Ll}}*(?:,|{_SPACE}))", rf"\1{BOUNDARY}\2"),
    (
        rf"((?:^|[\n{_SPACE_IN_LINE}(])(?i:adj|al|aprox|approx|ca|caps?|cont|dept|eds?|esp|est|etc|"
        rf"ex|ext|fr|hab|m[aá]x|m[ií]n|nº|núm|obs|op|org|pt|tel|trad)\.){BOUNDARY}",
        r"\1",
    ),
)

# None of these match a NUL, where TensorFlow would end the text when it changes its case.
WITHOUT_CAPITALS = r"[^\p{Lu}\p{Lt}\x00]*"
IN_CAPITALS = r"[^\p{Ll}\x00]*\p{Lu}[^\p{Ll}\x00]*\p{Lu}[^\p{Ll}\x00]*"
_TITLE_WORD = r"[^\pL \x00]*(?:[\p{Lu}\p{Lt}][^ \x00]*|\p{Ll}{1,3}[^\pL \x00]*)?"
IN_TITLE = rf"{_TITLE_WORD}(?: {_TITLE_WORD})+"
WITHOUT_NUL = r"[^\x00]*"
FIRST_LETTER = r"(?s)^([^\pL]*\pL)?(.*)$"
HALVES = (r"\1", r"\2")


# Where to split a sentence that is too long: at all marks of the first kind; then, parts that are
# still too long, at those of the next. Every part but the last ends with `BOUNDARY`.
BETWEEN_PARTS = f"{BOUNDARY}\n"
PART_ENDS = tuple((f"({mark}) ", rf"\1{BOUNDARY}" + BETWEEN_PARTS) for mark in ("[;:]", ","))
PART = rf"(?s)^(.*)([;:,]){BOUNDARY}$"
LAST_STOP = r"\.?$"

# Stand-ins for words that a vocabulary cannot spell, in the order of the source: see `hide`. They
# are private-use characters, which have no meaning in any text.
PLACEHOLDERS = "\ue000\ue001\ue002\ue003"


_IGNORABLE, _WHITE_SPACE = map(re.compile, (IGNORABLE, WHITE_SPACE))


def clean_characters(text: str) -> str:
    """Return text in Unicode's normal form C, without invisible characters."""
    if text.isascii():
        return text
    text = text.encode(errors="surrogatepass").decode(errors="replace")
    return unicodedata.normalize("NFC", _IGNORABLE.sub("", text))


def clean(text: str) -> str:
    """Return text as models read it: with `clean_characters`, each run of white space one space.

    There is none at the ends: blank text becomes empty.
    """
    return _WHITE_SPACE.sub(" ", clean_characters(text)).strip(" ")


def is_copied(text: str) -> bool:
    """Return whether a cleaned text has nothing to translate, and is thus copied."""
    return python_pattern(COPIED).fullmatch(text) is not None


def duplicate_key(text: str) -> str:
    """Return a key that is equal for texts that differ only in white space, case and the like."""
    return clean(clean(text).casefold())


def split_line(line: str) -> list[str]:
    """Split a line into cleaned sentences, as the graph does."""
    text = clean_characters(line)
    for pattern, replacement in LIKELY_BOUNDARIES + MARK_BOUNDARIES:
        text = python_pattern(pattern).sub(replacement, text)
    return [piece for piece in map(clean, text.split(BOUNDARY)) if piece]


def unseen_pattern(known: str) -> str:
    """Return a pattern for words with an unknown character, and for unknown signs.

    Several side by side are one match.

    Args:
        known: all known characters, in order.
    """
    known = _ranges(known)
    letter = rf"[^{known}\pP\pS\pZ\p{{Cc}}\p{{Cf}}\p{{Co}}]"
    other = "[\\pL\\pM\\pN\u200c\u200d]"
    word = rf"{other}*{letter}(?:{other}|{letter})*"
    run = rf"(?:{word}|[^{known}\pL\pM\pN\pZ])+"
    return rf"{run}(?: {run})*"


def _ranges(characters: str) -> str:
    """Return sorted characters as ranges of a character class."""
    ranges: list[list[str]] = []
    for character in characters:
        if ranges and ord(character) == ord(ranges[-1][1]) + 1:
            ranges[-1][1] = character
        else:
            ranges.append([character, character])
    return "".join(f"{_escaped(first)}-{_escaped(last)}" for first, last in ranges)


def _escaped(character: str) -> str:
    is_plain = character.isalnum() or not character.isascii() or character == " "
    return character if is_plain else f"\\{character}"


def hide(text: str, pattern: str) -> tuple[str, list[str]]:
    """Replace words that a vocabulary cannot spell by placeholders.

    Args:
        text: cleaned.
        pattern: matches these words: see `unseen_pattern`.

    Returns:
        The text, and the hidden words, at most as many as there are placeholders. A placeholder
        that was in the text is hidden too, or becomes U+FFFD.
    """
    words: list[str] = []

    def place(match: re.Match) -> str:
        if len(words) == len(PLACEHOLDERS):
            return re.sub(f"[{PLACEHOLDERS}]", "\N{REPLACEMENT CHARACTER}", match[0])
        words.append(match[0])
        return PLACEHOLDERS[len(words) - 1]

    return python_pattern(pattern).sub(place, text), words


def restore(text: str, words: list[str]) -> str:
    """Put words back in place of their placeholders; remove placeholders without a word.

    A word whose placeholder is missing comes last.
    """
    hidden = dict(zip(PLACEHOLDERS, words, strict=False))
    lost = [word for placeholder, word in hidden.items() if placeholder not in text]
    text = re.sub(f"[{PLACEHOLDERS}]", lambda found: hidden.get(found[0], ""), text)
    return " ".join([text, *lost])


def split_long(sentence: str, is_long: Callable[[str], bool]) -> list[str]:
    """Split a cleaned sentence that is too long into parts for `as_sentence`."""
    parts = [sentence]
    for pattern, replacement in PART_ENDS:
        marked = [re.sub(pattern, replacement, part) if is_long(part) else part for part in parts]
        parts = [part for text in marked for part in text.split(BETWEEN_PARTS)]
    return parts


def as_sentence(part: str) -> tuple[str, Callable[[str], str]]:
    """Return a part as a sentence with a full stop, and a function to end its translation alike."""
    found = re.match(PART, part)
    if not found:
        return part, str
    return f"{found[1]}.", lambda text: re.sub(LAST_STOP, found[2], text, count=1)


def usual_spelling(text: str, cost: Callable[[str], int]) -> tuple[str, Callable[[str], str]]:
    """Give the usual spelling to a cleaned text in capitals, in title case, or without capitals.

    The text is changed only if that costs less.

    Args:
        text: the text.
        cost: counts the tokens of a text.

    Returns:
        The text, and a function that gives its translation the capitals that the text had.
    """
    for pattern, restyle in _STYLES:
        if not python_pattern(pattern).fullmatch(text):
            continue
        small = [word.lower() for word in text.split(" ")]
        usual = " ".join(min(word, _capitalize(word), key=cost) for word in small)
        usual = min(_capitalize(usual), usual, key=cost)
        return (usual, restyle) if cost(usual) < cost(text) else (text, str)
    return text, str


def _capitalize(text: str) -> str:
    start, rest = python_pattern(FIRST_LETTER).fullmatch(text).groups("")
    return start.upper() + rest


def _capitalize_words(text: str) -> str:
    return " ".join(map(_capitalize, text.split(" ")))


def _if_without_nul(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: text if "\0" in text else change(text)


_STYLES = (
    (IN_CAPITALS, _if_without_nul(str.upper)),
    (WITHOUT_CAPITALS, str),
    (IN_TITLE, _if_without_nul(_capitalize_words)),
)


@functools.cache
def python_pattern(pattern: str) -> re.Pattern:
    r"""Compile an RE2 pattern with `\pL` and `\p{Lu}`, inside or outside character classes."""
    parts, in_class = [], False
    for part in re.findall(r"\\p\{\w+\}|\\p\w|\\.|[^\\]", pattern, re.DOTALL):
        if part.startswith("\\p"):
            ranges = character_ranges(part[2:].strip("{}"))
            parts.append(ranges if in_class else f"[{ranges}]")
            continue
        in_class = (in_class or part == "[") and part != "]"
        parts.append(part)
    return re.compile("".join(parts), re.ASCII)


@functools.cache
def character_ranges(category: str) -> str:
    """Return the characters of a Unicode category as ranges of a character class."""
    ranges, start = [], None
    for code in range(sys.maxunicode + 2):
        is_in = code <= sys.maxunicode and unicodedata.category(chr(code)).startswith(category)
        if is_in and start is None:
            start = code
        elif not is_in and start is not None:
            ranges.append(f"\\U{start:08x}-\\U{code - 1:08x}")
            start = None
    return "".join(ranges)
