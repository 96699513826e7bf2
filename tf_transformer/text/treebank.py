"""Text in lower case, split into words as in the Penn Treebank: how the TED sets are written."""

from __future__ import annotations

import tensorflow as tf

from tf_transformer.text.forms import TextForm, rewrite

# Noncharacters, which no text contains, hold places while the rules rewrite what is around them.
_DOT, _CAPITAL = "\ufdd0", "\ufdd1"

# These keep their dot within a line, like initials ("j.") and dotted letters ("e.u.a.", "ph.d.").
# They are the abbreviations that the TED sets keep whole, in both languages: "sra." is not one.
_ABBREVIATION = r"(?:\pL\pL?\.)+\pL\pL?|\pL|ave|dr|etc|ft|inc|jr|mrs?|ms|ok|prof|sr|st|vs"

_CLOSERS = r"[)\]}>'”]*"

_PREPARE = (
    (r"[\s\x0b\x{85}\p{Z}]+", " "),
    ("[‘’ʼ]", "'"),
    ("…", "..."),
    ("--", "—"),
    # Quotes become “ and ”; straight ones according to their place.
    ("[«„]", "“"),
    ("»", "”"),
    (r'(^|[ (\[{<—–])"', r"\1“"),
    ('"', "”"),
    # A dot is a separate word where a sentence may end.
    (rf"(^|[ (\[{{“—–])({_ABBREVIATION})\.", rf"\1\2{_DOT}"),
    (rf"{_DOT}({_CLOSERS} ?)$", r".\1"),
    (rf"([^ .])\.({_CLOSERS})( |$)", r"\1 . \2\3"),
    (_DOT, "."),
    # Other marks are separate words anywhere, except a comma or colon in a number ("1,5", "10:30").
    (r"(\.\.\.|[;@#$%&?!\[\](){}<>—“”])", r" \1 "),
    (r"([,:])(\D|$)", r" \1 \2"),
    # English contractions; few words of other languages end like them.
    (r"([^ '])(n't|'(?:s|m|d|ll|re|ve)?)( |$)", r"\1 \2\3"),
    (r"\b(can)(not)\b", r"\1 \2"),
    (r"\b(gon|wan)(na)\b", r"\1 \2"),
    (r"\b(got)(ta)\b", r"\1 \2"),
    (r"\b(gim|lem)(me)\b", r"\1 \2"),
    (" +", " "),
    ("^ | $", ""),
)

_JOIN = (
    (r"\bcan not\b", "cannot"),
    (r"\b(gon|wan) na\b", r"\1na"),
    (r"\bgot ta\b", "gotta"),
    (r"\b(gim|lem) me\b", r"\1me"),
    (r"\b(\w) & (\w)\b", r"\1&\2"),  # "r&d"
)

# Neighbouring matches share the space between two words: one pass would miss every second one.
_CALENDAR = (
    "(?:mon|tues|wednes|thurs|fri|satur|sun)days?|"
    "january|february|april|june|july|august|september|october|november|december"
)
_ALWAYS_CAPITAL = (rf"(^| )(i|{_CALENDAR})( |$)", rf"\1{_CAPITAL}\2\3")
_OPENERS = r"(?:[(\[{“—–-] )*"
_CAPITALS = (
    (rf"^({_OPENERS})", rf"\1{_CAPITAL}"),
    (rf"((?:^| )(?:\.(?: [)\]}}”])*|[?!]|[,:] “) {_OPENERS})", rf"\1{_CAPITAL}"),
    _ALWAYS_CAPITAL,
    _ALWAYS_CAPITAL,
    (r"(^| )((?:mrs?|ms|dr)\. )", rf"\1{_CAPITAL}\2{_CAPITAL}"),  # and the name
)

_TO_THE_LEFT = (
    r" ([.,;:?!%)\]}”]|\.\.\.|n't|'(?:s|m|d|ll|re|ve)?)([ .,;:?!%)\]}”']|$)",
    r"\1\2",
)
_GLUE = (
    _TO_THE_LEFT,
    _TO_THE_LEFT,
    (r"([(\[{$#“]) ", r"\1"),
    ("[“”]", '"'),
)


class Treebank(TextForm):
    """Lower-cased text with spaces between words and marks, as NLTK's `word_tokenize` splits them.

    "Don't!" becomes `do n't !`, quotes become `` and '', and capitals are lost. Text for people
    gets back the capitals of sentences and direct speech, of the English "I", of days and months
    (except "may" and "march"), and of "Mr.", "Mrs.", "Ms." and "Dr." with the name that follows.
    Other names stay in lower case.

    Reference:
        Marcus et al., "Building a Large Annotated Corpus of English: The Penn Treebank", 1993.
    """

    name = "treebank"

    _quote = (("“", "``"), ("”", "''"))
    _unquote = (("``", "“"), ("''", "”"))

    def prepare(self, text: tf.Tensor) -> tf.Tensor:
        text = rewrite(text, [(r"\x00", "\ufffd")])  # `lower` would end the text at a NUL
        text = tf.strings.lower(text, encoding="utf-8")  # what is not UTF-8 becomes U+FFFD
        return rewrite(text, (*_PREPARE, *self._quote))

    def present(self, text: tf.Tensor, case: bool = True) -> tf.Tensor:
        text = rewrite(text, (*self._unquote, *_JOIN))
        if case:
            text = _capitalize(rewrite(text, _CAPITALS))
        return rewrite(text, _GLUE)


class TedHrlr(Treebank):
    """`Treebank` text in which a line with quotes is quoted as in a CSV file.

    TFDS's `ted_hrlr_translate` is written like this. The whole line is in quotes, and the quotes
    within it are doubled: `` he said : `` '' no '' '' twice . ''. But a pair that ends the line is
    not doubled: `` he said : `` no . '' ''.

    Reference:
        Qi et al., "When and Why are Pre-trained Word Embeddings Useful for Neural Machine
        Translation?", 2018.
    """

    name = "ted_hrlr"

    _quote = (
        ("^(.*[“”].*)$", r"`` \1 ''"),
        ("“([^“]*)” ''$", r"``\1'' ''"),
        ("“", "`` ''"),
        ("”", "'' ''"),
    )
    _unquote = (
        ("^`` (.*) ''$", r"\1"),
        ("`` ''", "“"),
        ("'' ''", "”"),
        *Treebank._unquote,
    )


def _capitalize(text: tf.Tensor) -> tf.Tensor:
    """Capitalise each character that follows a mark, and remove the marks."""
    between_marks = (f"{_CAPITAL}+([^{_CAPITAL}])", rf"{_CAPITAL}\1{_CAPITAL}")
    parts = tf.strings.split(rewrite(text, [between_marks]), _CAPITAL)  # (batch, parts)
    flat = parts.flat_values
    is_between = tf.ragged.range(parts.row_lengths()).flat_values % 2 == 1
    flat = tf.where(is_between, tf.strings.upper(flat, encoding="utf-8"), flat)
    return tf.strings.reduce_join(parts.with_flat_values(flat), axis=-1)  # (batch,)
