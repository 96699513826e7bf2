"""What the batches of an epoch have in common: their number, shapes and padding."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from tf_transformer.data.buckets import Bucket
from tf_transformer.errors import UserError, counted


class BatchPlan:
    """The batches of an epoch: their number, shapes and padding.

    Args:
        buckets: the buckets: see `make_buckets`.
        source_tokens: source tokens in an epoch, END included.
        target_tokens: target tokens in an epoch, END included.
        seed: seed of the order of the batches.
    """

    def __init__(
        self, buckets: Sequence[Bucket], source_tokens: float, target_tokens: float, seed: int
    ) -> None:
        self._buckets = buckets
        self._tokens = round(source_tokens + target_tokens)
        self._target_tokens = round(target_tokens)
        self.seed = seed

    @property
    def shapes(self) -> list[tuple[int, int, int]]:
        """The batch shapes: `(rows, source_length, target_length)`."""
        return [(each.rows, each.source_length, each.target_length) for each in self._buckets]

    @property
    def steps_per_epoch(self) -> int:
        """Batches in an epoch, the same number in each."""
        return sum(bucket.batches for bucket in self._buckets)

    @property
    def padding(self) -> float:
        """Share of an epoch's positions, source and target together, that hold PAD."""
        return 1 - self._tokens / sum(bucket.positions for bucket in self._buckets)

    @property
    def target_tokens(self) -> int:
        """Target tokens in an epoch, END included."""
        return self._target_tokens

    def own_errors(self) -> contextlib.AbstractContextManager[None]:
        """Return a context in which errors of reading are raised as they are."""
        return contextlib.nullcontext()

    def report(self) -> str:
        """Return one line on the batches of an epoch: number, size, shapes and padding."""
        target_tokens = round(self.target_tokens / self.steps_per_epoch)
        return (
            f"{counted(self.steps_per_epoch, 'batch', 'batches')} an epoch, "
            f"{counted(target_tokens, 'target token')} each, "
            f"{counted(len(self.shapes), 'shape')}, {self.padding:.1%} padding"
        )


def require_fit(longest: int, batch_tokens: int) -> None:
    """Check that the longest sentence fits in a batch.

    Raises:
        UserError: if it does not.
    """
    if longest > batch_tokens:
        raise UserError(
            f"a sentence of {counted(longest, 'token')} does not fit in a batch of "
            f"{batch_tokens}: raise batch_tokens or lower the length limit"
        )
