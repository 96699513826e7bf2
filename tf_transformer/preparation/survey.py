"""The first reading of a corpus: how many pairs it has, a sample, and what is held out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from tf_transformer.data import Pairs
from tf_transformer.data.text_files import MOST_HELD_OUT, stable_hash
from tf_transformer.errors import require
from tf_transformer.preparation.pair_stream import PairStream
from tf_transformer.text.rules import clean

Found = tuple[bytes, str, str]  # hash of the source, source, target

_NONE = (b"", b"\xff" * 9)  # bounds that no hash is outside of


@dataclasses.dataclass(frozen=True)
class Survey:
    """What the first reading of a corpus has found.

    Args:
        pairs: number of all pairs.
        sample: some of those to train on, evenly from the whole corpus.
        held_out: the pairs of `validation` and `test`; empty if the corpus has its own.
        bounds: sources with a hash up to the first or from the second on are held out.
    """

    pairs: int
    sample: Pairs
    held_out: dict[str, Pairs]
    bounds: tuple[bytes, bytes]


def survey(stream: PairStream, sample_pairs: int, tell: Callable[[int], None]) -> Survey:
    """Read a corpus, and keep a sample of it.

    If the corpus has no splits, the sentences with the smallest hashes go to `test`, and those with
    the largest to `validation`: 2 % of the pairs each, at most 2,000, as `text_files.hold_out`
    does. All translations of a sentence are in one split, in their order at most 2,000 pairs.

    Args:
        stream: the corpus.
        sample_pairs: most pairs of the sample.
        tell: function that is told the number of pairs read so far.

    Raises:
        UserError: if the corpus is too small to hold pairs out of it.
    """
    count, step, sample = 0, 1, []
    holds_out = not stream.corpus.splits
    ends = (_Smallest(), _Smallest(largest=True)) if holds_out else ()
    for chunk in stream.chunks():
        first = -count % step  # of the chunk that is in the sample
        sample += Pairs(chunk.sources[first::step], chunk.targets[first::step]).cleaned()
        count += len(chunk)
        if len(sample) >= 2 * sample_pairs:
            sample, step = sample[::2], 2 * step
        if holds_out:
            hashes = [hash_of(source) for source in map(clean, chunk.sources)]
            for end in ends:
                end.add(hashes, chunk)
        tell(count)
    require(sample, f"{stream.corpus.name}: there is nothing to train on")
    sample = _thinned(sample, sample_pairs)
    if not holds_out:
        return Survey(count, _pairs(sample), {}, _NONE)
    size = min(MOST_HELD_OUT, max(1, count // 50))
    test, validation = (end.take(size) for end in ends)
    bounds = test[-1][0], validation[-1][0]
    sample = [pair for pair in sample if bounds[0] < hash_of(pair[0]) < bounds[1]]
    require(sample, f"{stream.corpus.name}: it has too few different sources to hold any out")
    held = {split: _pairs(found) for split, found in (("validation", validation), ("test", test))}
    return Survey(count, _pairs(sample), held, bounds)


def _thinned(rows: list[tuple[str, str]], most: int) -> list[tuple[str, str]]:
    """Return at most so many rows, evenly from all of them."""
    count = min(most, len(rows))
    return [rows[number * len(rows) // count] for number in range(count)]


def hash_of(source: str) -> bytes:
    """Return the hash that decides whether a source, which is clean text, is held out."""
    key = source.casefold()  # what `duplicate_key` returns, in less time
    return stable_hash(key if key.isascii() else clean(key))


class _Smallest:
    """The pairs with the smallest hashes, or with the largest."""

    def __init__(self, largest: bool = False) -> None:
        self._largest = largest
        self._found: dict[Found, None] = {}
        self._bound = None

    def add(self, hashes: list[bytes], pairs: Pairs) -> None:
        for key, (source, target) in zip(hashes, pairs, strict=True):
            if self._bound is None or (key >= self._bound if self._largest else key <= self._bound):
                self._found[key, source, target] = None
        if len(self._found) > 4 * MOST_HELD_OUT:
            self._found = dict.fromkeys(self._sorted()[: 2 * MOST_HELD_OUT])
            self._bound = next(reversed(self._found))[0]

    def take(self, size: int) -> list[Found]:
        """Return the first pairs, in order."""
        return [
            (key, clean(source), clean(target)) for key, source, target in self._sorted()[:size]
        ]

    def _sorted(self) -> list[Found]:
        return sorted(self._found, key=lambda found: found[0], reverse=self._largest)


def _pairs(rows: list[tuple[str, ...]]) -> Pairs:
    return Pairs([row[-2] for row in rows], [row[-1] for row in rows])
