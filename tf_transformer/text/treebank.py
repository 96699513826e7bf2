"""Text in lower case, split into words as in the Penn Treebank: how the TED sets are written."""

from __future__ import annotations

import tensorflow as tf

from tf_transformer.text.forms import TextForm, rewrite

# Noncharacters, which no text contains, hold places while the rules work around them.
_DOT, _CAPITAL = "\ufdd0", "\ufdd1"

# These keep their dot within a line, as do initials ("j.") and dotted letters ("e.u.a.", "ph.d.").
# They are the abbreviations that the TED sets keep whole, in both languages: "sra." is not one.
_ABBREVIATION = r"(?:\pL\pL?\.)+\pL\pL?|\pL|ave|dr|etc|ft|inc|jr|mrs?|ms|ok|prof|sr|st|vs"

_CLOSERS = r"[)\]}>'”]*"

_PREPARE = (
    (r"[\s\x0b\x{85}\p{Z}]+", " "),
    ("[‘’ʼ]", "'"),
    ("…", "..."),
    ("--", "—"),
    # Quotes become “ and ”, by where they stand if they do not say themselves.
    ("[«„]", "“"),
    ("»", "”"),
    (r'(^|[ (\[{<—–])"', r"\1“"),
    ('"', "”"),
    # A dot is a word of its own where a sentence may end.
    (rf"(^|[ (\[{{“—–])({_ABBREVIATION})\.", rf"\1\2{_DOT}"),
    (rf"{_DOT}({_CLOSERS} ?)$", r".\1"),
    (rf"([^ .])\.({_CLOSERS})( |$)", r"\1 . \2\3"),
    (_DOT, "."),
    # So are marks, anywhere; but a comma or colon in a number ("1,5", "10:30") is not.
    (r"(\.\.\.|[;@#$%&?!\[\](){}<>—“”])", r" \1 "),
    (r"([,:])(\D|$)", r" \1 \2"),
    # English contractions; hardly a word of another language ends like them.
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

# Matches share the space between two words, so that one pass would miss every other neighbour.
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
    """Lower-cased text whose words and marks are split by spaces, as NLTK's `word_tokenize` does.

    "Don't!" becomes `do n't !`, quotes become `` and '', and capitals are lost. Text for people has
    a capital at the start of each sentence and of direct speech, in the English "I", in days and
    months (except "may" and "march"), and in "Mr.", "Mrs.", "Ms." and "Dr." with the name that
    follows. Other names stay in lower case.

    Reference:
        Marcus et al., "Building a Large Annotated Corpus of English: The Penn Treebank", 1993.
    """

    name = "treebank"

    _quote = (("“", "``"), ("”", "''"))
    _unquote = (("``", "“"), ("''", "”"))

    def prepare(self, text: tf.Tensor) -> tf.Tensor:
        text = rewrite(text, [(r"\x00", "\ufffd")])  # `lower` would end the text there
        text = tf.strings.lower(text, encoding="utf-8")  # and what is not UTF-8 is U+FFFD
        return rewrite(text, (*_PREPARE, *self._quote))

    def present(self, text: tf.Tensor, case: bool = True) -> tf.Tensor:
        text = rewrite(text, (*self._unquote, *_JOIN))
        if case:
            text = _capitalize(rewrite(text, _CAPITALS))
        return rewrite(text, _GLUE)


class TedHrlr(Treebank):
    """`Treebank` text in which a line with quotes is quoted as in a CSV file.

    TFDS's `ted_hrlr_translate` is written like this. The whole line stands in quotes, and the
    quotes in it are doubled: `` he said : `` '' no '' '' twice . ''. But a pair that ends the line
    is not doubled: `` he said : `` no . '' ''.

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
    """Make each character that follows a mark a capital, and take the marks away."""
    between_marks = (f"{_CAPITAL}+([^{_CAPITAL}])", rf"{_CAPITAL}\1{_CAPITAL}")
    parts = tf.strings.split(rewrite(text, [between_marks]), _CAPITAL)  # (batch, parts)
    flat = parts.flat_values
    is_between = tf.ragged.range(parts.row_lengths()).flat_values % 2 == 1
    flat = tf.where(is_between, tf.strings.upper(flat, encoding="utf-8"), flat)
    return tf.strings.reduce_join(parts.with_flat_values(flat), axis=-1)  # (batch,)
