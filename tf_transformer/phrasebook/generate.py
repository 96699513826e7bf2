"""The corpus itself: distinct sentence pairs in three splits that share no combination."""

from __future__ import annotations

import hashlib
from itertools import combinations

from tf_transformer.phrasebook import (  # noqa: F401  (importing registers the frames)
    frames_actions,
    frames_complex,
    frames_descriptions,
    frames_places,
    frames_situations,
    frames_time,
)
from tf_transformer.phrasebook.chooser import Chooser
from tf_transformer.phrasebook.frames import FRAMES, Unsuitable
from tf_transformer.phrasebook.grammar import Grammar
from tf_transformer.phrasebook.lexicon import Adjective, Lexicon, Noun, Verb

Pair = tuple[str, str]
SIZES = {"train": 60_000, "validation": 1_000, "test": 1_000}
# More than needed, because keeping the splits apart drops some pairs.
_SPARE = {"train": 1.02, "test": 1.5, "validation": 1.5}
_HELD_PER_THOUSAND = {"validation": 10, "test": 10}


def held_split(first: str, second: str) -> str:
    """Return the only split in which two words may occur in the same sentence.

    It depends only on the two words, so that adding words or frames moves no pair.
    """
    text = "\t".join(sorted((first, second)))
    bucket = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % 1000
    for split, share in _HELD_PER_THOUSAND.items():
        if bucket < share:
            return split
        bucket -= share
    return "train"


def split_of(used: list[object]) -> str | None:
    """Return the split that the pairs of words in a sentence allow; None if there is none."""
    content = [entry for entry in used if isinstance(entry, Noun | Verb | Adjective)]
    entries = content if len(content) > 1 else used
    lemmas = sorted({f"{entry.pt}={entry.en}" for entry in entries})
    splits = {held_split(*pair) for pair in combinations(lemmas, 2)} - {"train"}
    if len(splits) > 1:
        return None
    return splits.pop() if splits else "train"


def generate_splits(seed: int = 20, sizes: dict[str, int] = SIZES) -> dict[str, list[Pair]]:
    """Generate the corpus: distinct (Portuguese, English) pairs by split.

    A sentence is in test or validation because it has a pair of words, such as (read, poem),
    that never occur together in train; each of its words and their forms does occur in train.

    Args:
        seed: an int; the same seed gives the same corpus on every machine. Defaults to 20.
        sizes: the number of pairs in `"train"`, `"validation"` and `"test"`. Defaults to 60,000,
            1,000 and 1,000.

    Returns:
        The pairs of each split. No sentence, in either language, is in two splits.

    Example:
        ```python
        import tf_transformer as tft

        sizes = {"train": 500, "validation": 1, "test": 1}
        splits = tft.phrasebook.generate_splits(sizes=sizes)
        portuguese, english = splits["train"][0]
        ```
    """
    chooser = Chooser(seed)
    grammar = Grammar(Lexicon(), chooser)
    found: dict[str, dict[str, str]] = {split: {} for split in sizes}
    while any(len(found[split]) < size * _SPARE[split] for split, size in sizes.items()):
        chooser.used.clear()
        try:
            source, target = chooser.weighted(FRAMES)(grammar)
        except Unsuitable:
            continue
        split = split_of(chooser.used)
        if split and found[split].setdefault(source, target) != target:
            raise AssertionError(
                f"two translations: {source!r}: {found[split][source]!r}, {target!r}"
            )
    return _trim(found, sizes)


def _trim(found: dict[str, dict[str, str]], sizes: dict[str, int]) -> dict[str, list[Pair]]:
    """Cut each split to its size, and keep the splits apart on both sides."""
    held = {side for split in _HELD_PER_THOUSAND for pair in found[split].items() for side in pair}
    train = [pair for pair in found["train"].items() if held.isdisjoint(pair)][: sizes["train"]]
    known = {word for pair in train for side in pair for word in side.split()}
    splits, taken = {"train": train}, set()
    for split in _HELD_PER_THOUSAND:
        pairs = [
            pair
            for pair in found[split].items()
            if taken.isdisjoint(pair) and known.issuperset(" ".join(pair).split())
        ]
        splits[split] = pairs[: sizes[split]]
        taken.update(side for pair in splits[split] for side in pair)
    return {split: splits[split] for split in sizes}
