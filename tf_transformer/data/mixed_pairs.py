"""Pairs of several corpora as token ids, with their tags and weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tf_transformer.data.pairs import Pairs
from tf_transformer.data.part import Part
from tf_transformer.data.ragged import concatenate, prepend
from tf_transformer.data.sampled_pairs import SampledPairs
from tf_transformer.data.tokenize_pairs import tokenize_pairs
from tf_transformer.data.tokenized_pairs import TokenizedPairs
from tf_transformer.text.tags import tag_id
from tf_transformer.text.tokenizer import Tokenizer


class MixedPairs:
    """Pairs of several corpora as token ids, one corpus after the other.

    Args:
        parts: the pairs of each corpus.
        tag_ids: for each corpus, the id of the tag before its sources, or `None`.
        weights: for each corpus, how often an epoch shows its pairs.

    Attributes:
        weights: the weight of each pair, `(pairs,)`, for `BucketedBatches`; `None` if all are 1.

    Example:
        ```python
        import tf_transformer as tft
        from tf_transformer.data.mixed_pairs import MixedPairs

        tokenizer = tft.text.Characters("abcdefghijklmnopqrstuvwxyz")
        pairs = tft.data.tokenize_pairs(tft.data.Pairs(["dia"], ["day"]), tokenizer, tokenizer)
        mixed = MixedPairs([pairs, pairs], tag_ids=[None, 29], weights=[1, 3])
        mixed.of_epoch(0).sources[1]  # [29, 7, 12, 4, 3]
        mixed.weights  # [1.0, 3.0]
        ```
    """

    def __init__(
        self,
        parts: Sequence[TokenizedPairs | SampledPairs],
        tag_ids: Sequence[int | None],
        weights: Sequence[float],
    ) -> None:
        self._parts = parts
        self._tag_ids = tag_ids
        self._last: tuple[list[TokenizedPairs], TokenizedPairs] = ([], None)
        self.weights = None
        if any(weight != 1 for weight in weights):
            self.weights = np.repeat(np.asarray(weights, float), [*map(len, parts)])

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def report(self) -> str:
        """Return one line on how many pairs are kept, how many are left out, and why."""
        return self.of_epoch(0).report()

    def of_epoch(self, epoch: int) -> TokenizedPairs:
        """Return the ids to train on in an epoch: the same object if the ids are the same."""
        parts = [part.of_epoch(epoch) for part in self._parts]
        last, joined = self._last
        if not last or any(part is not other for part, other in zip(parts, last, strict=True)):
            joined = self._join(parts)
            self._last = (parts, joined)
        return joined

    def _join(self, parts: Sequence[TokenizedPairs]) -> TokenizedPairs:
        sources = [
            each.sources if tag is None else prepend(each.sources, tag)
            for each, tag in zip(parts, self._tag_ids, strict=True)
        ]
        if len(parts) == 1 and self._tag_ids == [None]:
            return parts[0]
        reasons = parts[0].left_out
        return TokenizedPairs(
            concatenate(sources),
            concatenate([part.targets for part in parts]),
            {reason: sum(part.left_out[reason] for part in parts) for reason in reasons},
        )


def tokenize_parts(
    parts: Sequence[Part],
    split: str,
    tokenizers: tuple[Tokenizer, Tokenizer],
    max_length: int = 128,
    change: Callable[[Pairs], Pairs] = lambda pairs: pairs,
    **options: object,
) -> MixedPairs:
    """Turn a split of several corpora into token ids.

    Args:
        parts: parts of a corpus or a `Mixture`.
        split: name of the split.
        tokenizers: for sources and targets.
        max_length: as in `tokenize_pairs`; a tag counts too. Defaults to 128.
        change: function applied to each corpus's pairs first. Defaults to none.
        **options: further arguments of `tokenize_pairs`.
    """
    source, _ = tokenizers
    tags = [tag_id(source, part.tag) for part in parts]
    found = [
        tokenize_pairs(
            change(part.shown.pairs(split)),
            *tokenizers,
            max_length=max_length - (tag is not None),
            **options,
        )
        for part, tag in zip(parts, tags, strict=True)
    ]
    return MixedPairs(found, tags, [part.weight for part in parts])
