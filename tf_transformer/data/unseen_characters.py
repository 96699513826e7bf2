"""Training pairs with characters that their text has never shown, the same on both sides."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from tf_transformer.data.pairs import Pairs
from tf_transformer.text.rules import clean
from tf_transformer.text.tokenizer import Tokenizer

_T = TypeVar("_T")
_WORD = re.compile(r"\w{3,}")  # shorter words of two languages are alike by chance: "a", "no"
_FEWEST = 100  # copies: fewer teach nothing
_LONGEST = 6  # characters of a word that is made up

# First and last character of letters of many scripts, then of signs and pictures.
_SCRIPTS = (
    ("\u00c0", "\u024f"),  # Latin with marks
    ("\u1e00", "\u1ef9"),  # and with more of them
    ("\u0370", "\u03ff"),  # Greek
    ("\u0400", "\u052f"),  # Cyrillic
    ("\u0531", "\u0587"),  # Armenian
    ("\u05d0", "\u05ea"),  # Hebrew
    ("\u0620", "\u06d3"),  # Arabic
    ("\u0904", "\u0939"),  # Devanagari
    ("\u0e01", "\u0e30"),  # Thai
    ("\u10d0", "\u10fa"),  # Georgian
    ("\u3041", "\u30fa"),  # Kana
    ("\u4e00", "\u9fa5"),  # Chinese
    ("\uac00", "\ud7a3"),  # Hangul
)
_SIGNS = (
    ("\u2190", "\u23f3"),  # arrows, mathematics, technical signs
    ("\u2460", "\u27bf"),  # numbers in circles, boxes, shapes, dingbats
    ("\U0001f300", "\U0001f5ff"),  # pictures
    ("\U0001f600", "\U0001f64f"),  # faces
    ("\U0001f680", "\U0001f6c5"),  # traffic
    ("\U0001f910", "\U0001f9ff"),  # hands, animals, food
)


def with_unseen_characters(
    pairs: Pairs, tokenizers: tuple[Tokenizer, Tokenizer], share: float, seed: int = 0
) -> Pairs:
    """Add copies of some pairs, with the same characters of many scripts put into both sides.

    A model learns from them to copy what its text has never shown. SentencePiece spells such a
    character in bytes, ids 4 to 259, which would get no training. Other tokenizers have no ids for
    it: with these the pairs stay as they are. So do pairs so few that their share would be learned
    by heart.

    A word that stands in both sides, as names and numbers do, has a character replaced, or gives
    way to a word that is made up or of another script, or a sign follows it. Such a word or sign
    comes first or last now and then. Pairs in which words stand in both sides are taken first.

    Args:
        pairs: to train on.
        tokenizers: of sources and targets.
        share: of the pairs that are copied.
        seed: of the draws. Defaults to 0.

    Returns:
        The pairs, and the copies behind them.

    Example:
        ```python
        import tf_transformer as tft
        from tf_transformer.data.unseen_characters import with_unseen_characters

        pairs = tft.data.Pairs(["A Ana canta."] * 900, ["Ana sings."] * 900)
        tokenizers = tft.train_tokenizers(pairs.sources, pairs.targets, vocab_size=300)
        more = with_unseen_characters(pairs, tokenizers, share=0.2)
        len(more)  # 1080
        source, target = more.sources[900], more.targets[900]  # of "Aňa", say
        ```
    """
    count = round(share * len(pairs))
    if count < _FEWEST or any(tokenizer.kind != "sentencepiece" for tokenizer in tokenizers):
        return pairs
    words = [_words_of_both(*pair) for pair in pairs]
    order = np.random.default_rng(seed).permutation(len(pairs))
    rows = sorted(order, key=lambda row: not words[row])[:count]
    copies = []
    for row in rows:
        sides = pairs.sources[row], pairs.targets[row]
        if all(map(clean, sides)):  # blank ones are of no use
            copies.append(_change(*sides, words[row], np.random.default_rng([seed, row])))
    sources, targets = ([copy[side] for copy in copies] for side in (0, 1))
    return Pairs(pairs.sources + sources, pairs.targets + targets)


def _words_of_both(source: str, target: str) -> list[str]:
    return sorted({*_WORD.findall(source)} & {*_WORD.findall(target)})


def _change(source: str, target: str, words: list[str], rng: np.random.Generator) -> list[str]:
    """Put the same unseen words and signs into both sides of a pair, in which these words stand."""
    changes = [(rf"\b{word}\b", _other(word, source, rng)) for word in words]
    if not words or rng.random() < 0.3:
        new = _choose((_sign(rng), _foreign_word(rng), _made_up(source, rng)), rng)
        changes.append(_choose(((r"\A", f"{new} "), (r"\Z", f" {new}")), rng))
    sides = [source, target]
    for pattern, text in changes:
        sides = [re.sub(pattern, text, side) for side in sides]
    return sides


def _other(word: str, text: str, rng: np.random.Generator) -> str:
    """Return what takes the place of a word of a text."""
    made_up = _made_up(text, rng)
    return _choose(
        (
            _respelled(word, rng),
            _respelled(made_up, rng),
            made_up,
            f"{word} {_sign(rng)}",
            _foreign_word(rng),
        ),
        rng,
    )


def _respelled(word: str, rng: np.random.Generator) -> str:
    """Replace a character."""
    place = rng.integers(len(word))
    return word[:place] + _letters(rng, 1) + word[place + 1 :]


def _made_up(text: str, rng: np.random.Generator) -> str:
    """Make a word of parts of a text's words."""
    parts = re.findall(r"\w{1,3}", text.lower()[rng.integers(3) :]) or ["a"]
    return "".join(_choose(parts, rng) for _ in range(rng.integers(2, 5))).capitalize()


def _foreign_word(rng: np.random.Generator) -> str:
    return _letters(rng, rng.integers(1, rng.integers(2, _LONGEST + 1)))  # short ones more often


def _letters(rng: np.random.Generator, count: int) -> str:
    """Draw letters of one script."""
    letters = _characters(*_choose(_SCRIPTS, rng))
    return "".join(_choose(letters, rng) for _ in range(count))


def _sign(rng: np.random.Generator) -> str:
    return _choose(_characters(*_choose(_SIGNS, rng)), rng)


def _choose(choices: Sequence[_T], rng: np.random.Generator) -> _T:
    return choices[rng.integers(len(choices))]


@functools.cache
def _characters(first: str, last: str) -> str:
    """Return the letters and signs of a range that stay as they are when text is cleaned."""
    found = map(chr, range(ord(first), ord(last) + 1))
    return "".join(
        each
        for each in found
        if unicodedata.category(each)[0] in "LNS" and unicodedata.is_normalized("NFC", each)
    )
