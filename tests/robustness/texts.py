"""Text of every kind: what people write, what breaks programs, and plain noise."""

from hypothesis import strategies as st

_WORDS = [
    *("o gato", "a menina", "não", "três pães", "Compra", "AZUL", "bom dia", "Sr.", "p. ex."),
    *(
        "e\u0301",
        "a\u0303o",
        "c\u0327",
        "한국",
        "\u1112\u1161\u11ab",
        "中文。",
        "किताब",
        "می‌خواهم",
        "שלום",
    ),
    *("İ", "ſ", "ß", "ﬁ", "½", "①", "Ⅳ", "\u0345", "\u0301", "Å"),
]
_SIGNS = [
    *(".", "?", "!", "…", ",", ";", ":", "-", "—", "«", "»", '"', "'", "(", ")", "...", "?!"),
    *(
        "😆",
        "👨\u200d👩\u200d👧",
        "❤\ufe0f",
        "🇵🇹",
        "1\u20e3",
        "•",
        "→",
        "★",
        "#",
        "|",
        "*a*",
        "<a href>",
        "&amp;",
    ),
    *(
        "http://a.pt/?Q=1",
        "a.b@c.d",
        "\\",
        "\\1",
        "%s",
        "{0}",
        "$HOME",
        "##ing",
        "▁",
        "[END]",
        "</s>",
    ),
]
_SPACES = [*" \t\n\v\f\r\x1c\x85\xa0\u1680\u2003\u2028\u2029\u202f\u3000", "\r\n", "  "]
IGNORABLE = [*"\ufeff\u200b\u2060\xad\ufe0f\u180b\ufdd0\U000e0101"]
_ODD = [*IGNORABLE, *"\0\x01\x7f\u200c\u200d\u200e\u202e\ufffd\ufdd1\uffff\U0010ffff"]

_PIECE = st.one_of(
    st.sampled_from(_WORDS),
    st.sampled_from(_WORDS + _SIGNS + _SPACES + [" "] * 20),
    st.sampled_from(_ODD),
    st.characters(codec="utf-8"),
)
TEXT = st.lists(_PIECE, max_size=14).map("".join)
"""A text."""

LINE = TEXT.map(lambda text: text.replace("\n", " "))
"""A text without a line break."""

_BROKEN = st.sampled_from(
    [b"\xff", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\xed\xa0\x80", b"\xc0\x80", b"\x80", b"\xf5"]
)
_SPOILT = st.tuples(TEXT, _BROKEN, TEXT).map(lambda x: x[0].encode() + x[1] + x[2].encode())
BYTES = st.one_of(TEXT.map(str.encode), _SPOILT, st.binary(max_size=24))
"""What a program may get for a text."""


def many(texts, size=24):
    """Return a strategy of lists."""
    return st.lists(texts, min_size=size, max_size=size)
