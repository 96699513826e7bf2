"""Sentence pairs as token ids."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from tf_transformer.data.ragged import Ragged
from tf_transformer.errors import counted


@dataclasses.dataclass(frozen=True, eq=False)
class TokenizedPairs:
    """Sentence pairs as token ids: see `tokenize_pairs`.

    They are held in memory, with 4 bytes per token and 8 per pair: about 200 bytes for a TED pair.

    Args:
        sources: source token ids, each row closed with END.
        targets: target token ids, without START and END.
        left_out: number of unusable pairs for each reason.
    """

    sources: Ragged
    targets: Ragged
    left_out: dict[str, int] = dataclasses.field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.sources)

    def of_epoch(self, epoch: int) -> TokenizedPairs:
        """Return the ids to train on in an epoch: the same ones in all epochs."""
        return self

    def report(self) -> str:
        """Return one line on how many pairs are kept, how many are left out, and why."""
        return report_kept(len(self), self.left_out)


def report_kept(kept: int, left_out: Mapping[str, int]) -> str:
    """Return one line on how many pairs are kept, how many are left out, and why.

    Args:
        kept: number of pairs that are kept.
        left_out: number of unusable pairs for each reason.
    """
    reasons = [f"{count:,} {reason}" for reason, count in left_out.items() if count]
    why = f"; left out: {', '.join(reasons)}" if reasons else ""
    return f"{kept:,} of {counted(kept + sum(left_out.values()), 'pair')} kept{why}"
