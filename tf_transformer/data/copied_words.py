"""Training pairs that teach copying: the same placeholders stand for words on both sides."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from tf_transformer.data.pairs import Pairs
from tf_transformer.text.rules import PLACEHOLDERS, clean

_WORD = re.compile(r"\w{3,}")  # shorter words of two languages are alike by chance: "a", "no"
_FEWEST = 20  # copies: fewer teach nothing
_ONE_MORE = 0.4  # chance that a copy has one more placeholder
_AT_AN_END = 0.3  # chance of one that replaces no word, but comes first or last
_BEHIND = 0.2  # chance that one follows a word, as a sign does, instead of replacing it
_ENDS = _START, _END = (r"\A", r"\Z")


def number_of_copies(pairs: int, share: float) -> int:
    """Return the number of copies that `with_placeholders` makes: none, or at least 20."""
    count = round(share * pairs)
    return count if count >= _FEWEST else 0


def with_placeholders(pairs: Pairs, share: float, seed: int = 0) -> Pairs:
    """Add copies of some pairs, with placeholders in place of words.

    They teach a model to put a placeholder where its word belongs. A word that training never
    showed can then be hidden behind a placeholder, and put back into the translation: see
    `text.Placeholders`. Placeholders replace words that occur once on each side, as names and
    numbers do, in the order of the source. Some placeholders follow such a word instead, and some
    come first or last on both sides. Pairs with words that occur on both sides are copied first.

    Args:
        pairs: the training pairs.
        share: share of the pairs to copy.
        seed: seed of the draws. Defaults to 0.

    Returns:
        The pairs, followed by the copies: see `number_of_copies`.

    Example:
        ```python
        import tf_transformer as tft
        from tf_transformer.data.copied_words import with_placeholders

        pairs = tft.data.Pairs(["A Ana canta."] * 100, ["Ana sings."] * 100)
        more = with_placeholders(pairs, share=0.2)
        len(more)  # 120
        more.sources[100], more.targets[100]  # for example with U+E000 in place of "Ana"
        ```
    """
    count = number_of_copies(len(pairs), share)
    if not count:
        return pairs
    words = [_words_of_both(*pair) for pair in pairs]
    order = np.random.default_rng(seed).permutation(len(pairs))
    rows = sorted(order, key=lambda row: not words[row])[:count]
    copies = [
        _with_placeholders(source, target, words[row], np.random.default_rng([seed, row]))
        for row in rows
        for source, target in pairs[row : row + 1]
        if clean(source) and clean(target)  # blank ones are useless
    ]
    sources, targets = ([copy[side] for copy in copies] for side in (0, 1))
    return Pairs(pairs.sources + sources, pairs.targets + targets)


def _words_of_both(source: str, target: str) -> list[str]:
    """Return the words that occur once on each side."""
    once = [
        {word for word, count in Counter(_WORD.findall(side)).items() if count == 1}
        for side in (source, target)
    ]
    return sorted(once[0] & once[1])


def _with_placeholders(
    source: str, target: str, words: list[str], rng: np.random.Generator
) -> tuple[str, str]:
    """Put the same placeholders into both sides of a pair that contains these words."""
    places = [rf"\b{word}\b" for word in rng.permutation(words)]
    if not places or rng.random() < _AT_AN_END:
        places.insert(0, _ENDS[rng.integers(len(_ENDS))])
    count = min(rng.geometric(1 - _ONE_MORE), len(PLACEHOLDERS))
    places = sorted(places[:count], key=lambda place: re.search(place, source).start())
    sides = [source, target]
    for place, placeholder in zip(places, PLACEHOLDERS, strict=False):
        if place in _ENDS:
            new = f"{placeholder} " if place == _START else f" {placeholder}"
        else:
            new = rf"\g<0> {placeholder}" if rng.random() < _BEHIND else placeholder
        sides = [re.sub(place, new, side) for side in sides]
    return sides[0], sides[1]
