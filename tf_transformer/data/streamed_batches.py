"""Batches of pairs that are read from files while a model trains."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tf_transformer.data.batch_plan import BatchPlan, require_fit
from tf_transformer.data.blocks import Blocks
from tf_transformer.data.buckets import Bucket, make_buckets
from tf_transformer.data.prefetched import prefetched
from tf_transformer.data.ragged import Ragged
from tf_transformer.data.repeats import repeats
from tf_transformer.data.share import WHOLE, Share
from tf_transformer.errors import UserError
from tf_transformer.text.tokenizer import PAD

_WINDOW = 1 << 14  # pairs of a bucket that are in memory together

_IDS = tf.TensorSpec([None, None], tf.int32)


class StreamedBatches(BatchPlan):
    r"""Batches for training on a corpus of any size, of which a small part is in memory.

    They are what `BucketedBatches` makes, from pairs that `prepare` wrote in blocks. Every batch is
    a pure function of the blocks, `(seed, epoch)` and its place in the epoch. An epoch takes the
    blocks of a bucket in random order. It mixes the pairs of some 64 of them at a time, and deals
    them out to the next batches. So training can begin at any step, after it has read as many
    blocks.

    Args:
        blocks: the blocks of pairs.
        batch_tokens: as of `BucketedBatches`.
        seed: seed of the order. Defaults to 0.
        max_shapes: as of `BucketedBatches`. Defaults to 16.
        weights: how often an epoch shows the blocks of each part of a mixture: see `repeats`.
            Defaults to once.
        share: as of `BucketedBatches`. Defaults to all of a batch.
        name: a short name of the pairs, for the report. Defaults to none.

    Raises:
        UserError: if there are no pairs, or if one is too long for a batch.

    Example:
        ```python
        import pathlib, tempfile

        import tf_transformer as tft

        folder = pathlib.Path(tempfile.mkdtemp())
        rows = (f"{number} dias\t{number} days\n" for number in range(200))
        (folder / "mine.tsv").write_text("".join(rows))
        options = {"preset": "tiny", "vocab_size": 300, "processes": 1}
        corpus = tft.prepare(str(folder / "mine.tsv"), folder / "prepared", **options)
        batches = tft.data.StreamedBatches(corpus.blocks, batch_tokens=400)
        (source_ids, target_in_ids), target_out_ids = next(iter(batches.dataset()))
        ```
    """

    def __init__(
        self,
        blocks: Blocks,
        batch_tokens: int,
        seed: int = 0,
        max_shapes: int = 16,
        weights: np.ndarray | None = None,
        share: Share = WHOLE,
        name: str = "",
    ) -> None:
        table = blocks.table
        if not len(table):
            raise UserError(f"no sentence pairs to make batches of in {blocks.directory}")
        self._blocks = blocks
        self._share = share
        self._name = name
        self._error: UserError | None = None
        self._weights = np.ones(len(table)) if weights is None else weights[table["part"]]
        lengths = _longest(table)  # (2, shapes)
        require_fit(int(lengths.max()), batch_tokens)
        used = np.flatnonzero(lengths.max(axis=0))
        counts = _most_pairs(table, self._weights)[used]
        buckets = make_buckets(lengths[:, used], batch_tokens, max_shapes, counts)
        tokens = [self._weights @ table[side] for side in ("source_tokens", "target_tokens")]
        super().__init__(buckets, *tokens, seed)
        self._members = [np.flatnonzero(np.isin(table["shape"], used[b.members])) for b in buckets]

    def report(self) -> str:
        """Return one line on the batches of an epoch: number, size, shapes and padding."""
        return f"{super().report()}, read from files{f' ({self._name})' * bool(self._name)}"

    def dataset(self, first_step: int = 0) -> tf.data.Dataset:
        """Return the endless stream of shuffled batches, epoch after epoch.

        Args:
            first_step: step to start from, counted from the start of training. Defaults to 0.
        """

        def stream() -> Iterator[tuple]:
            epoch, skipped = divmod(first_step, self.steps_per_epoch)
            try:
                while True:
                    yield from self._epoch(epoch, skipped)
                    epoch, skipped = epoch + 1, 0
            except UserError as error:
                self._error = error
                raise

        found = tf.data.Dataset.from_generator(stream, output_signature=((_IDS, _IDS), _IDS))
        endless = tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)
        return prefetched(found.apply(endless))

    @contextlib.contextmanager
    def own_errors(self) -> Iterator[None]:
        """Raise errors of reading as they are: TensorFlow wraps those of its pipelines."""
        try:
            yield
        except tf.errors.OpError:
            if self._error:
                raise self._error from None
            raise

    def one_pass(self) -> tf.data.Dataset:
        """Return the batches of the first epoch."""
        return self.dataset().take(self.steps_per_epoch)

    def _epoch(self, epoch: int, skipped: int) -> Iterator[tuple]:
        """Yield the batches of an epoch, except the first ones."""
        rng = np.random.default_rng([self.seed, epoch])
        numbers = [bucket.batches for bucket in self._buckets]
        bucket_of = rng.permutation(np.repeat(np.arange(len(numbers), dtype=np.int32), numbers))
        done = np.bincount(bucket_of[:skipped], minlength=len(numbers))
        times = repeats(self._weights, epoch)
        streams = []
        for number, (bucket, members) in enumerate(zip(self._buckets, self._members, strict=True)):
            order = rng.permutation(np.repeat(members, times[members]))
            missing = bucket.batches - self._pairs_of(order).sum()
            if missing > 0:  # the weight is small: no batch must be empty
                others = np.resize(rng.permutation(members), missing)
                enough = np.searchsorted(np.cumsum(self._pairs_of(others)), missing) + 1
                order = np.append(order, others[:enough])
            seed = [self.seed, epoch, number]
            streams.append(self._batches(bucket, order, seed, int(done[number])))
        for bucket in bucket_of[skipped:]:
            yield next(streams[bucket])

    def _pairs_of(self, order: np.ndarray) -> np.ndarray:
        """Return the number of pairs of each of these blocks."""
        return self._blocks.table["pairs"][order].astype(np.int64)

    def _batches(
        self, bucket: Bucket, order: np.ndarray, seed: list[int], first: int
    ) -> Iterator[tuple]:
        """Yield the batches of a bucket in an epoch.

        Args:
            bucket: the bucket.
            order: numbers of its blocks, in the order of the epoch.
            seed: seed of the order of its pairs.
            first: number of the first batch.
        """
        ends = np.cumsum(self._pairs_of(order))
        pairs = min(int(ends[-1]), bucket.batches * bucket.rows)
        per_window = max(1, _WINDOW // bucket.rows)  # batches
        edges = np.arange(bucket.batches + 1) * pairs // bucket.batches  # first pair of each batch
        for start in range(first // per_window * per_window, bucket.batches, per_window):
            bounds = edges[start : start + per_window + 1]
            window = self._window(order, ends, bounds[0], bounds[-1])
            dealt = np.random.default_rng([*seed, start]).permutation(bounds[-1] - bounds[0])
            bounds = bounds - bounds[0]
            for batch in range(max(first - start, 0), len(bounds) - 1):
                yield self._batch(window, dealt[bounds[batch] : bounds[batch + 1]], bucket)

    def _window(self, order: np.ndarray, ends: np.ndarray, first: int, last: int) -> _Window:
        """Read the pairs from `first` to `last`, counted in the order of the epoch's blocks."""
        start, stop = np.searchsorted(ends, [first, last - 1], side="right")
        skipped = first - (ends[start - 1] if start else 0)
        return _Window(*self._blocks.read(order[start : stop + 1]), int(skipped))

    def _batch(self, window: _Window, rows: np.ndarray, bucket: Bucket) -> tuple:
        """Make one batch, or a share of it, from these rows of a window."""
        rows = self._share.of_array(rows + window.skipped, bucket.rows)
        source_ids = _padded(window.sources, rows, bucket.source_length)
        target_in_ids = _padded(window.targets, rows, bucket.target_length, last=-1)
        target_out_ids = _padded(window.targets, rows, bucket.target_length, first=1)
        return (source_ids, target_in_ids), target_out_ids


class _Window(NamedTuple):
    """Pairs that are in memory."""

    sources: Ragged  # closed with END
    targets: Ragged  # START, tokens, END
    skipped: int  # rows at its beginning that belong to the window before


def _padded(
    rows: Ragged, numbers: np.ndarray, length: int, first: int = 0, last: int = 0
) -> np.ndarray:
    """Put some rows into an array, padded with PAD.

    Args:
        rows: the rows.
        numbers: numbers of those to take; -1 for an empty one.
        length: length to pad to.
        first: place of a row's first element to take. Defaults to 0.
        last: place after the last one, counted from the row's end. Defaults to 0.

    Returns:
        int32 `(numbers, length)`.
    """
    starts = rows.row_splits[numbers] + first
    ends = np.where(numbers < 0, starts, rows.row_splits[numbers + 1] + last)
    places = starts[:, None] + np.arange(length)  # (numbers, length)
    found = rows.values.take(places, mode="clip")
    return np.where(places < ends[:, None], found, PAD).astype(np.int32)


def _longest(table: np.ndarray) -> np.ndarray:
    """Return the longest source and target of each shape, `(2, shapes)`."""
    lengths = np.zeros((2, int(table["shape"].max()) + 1), np.int64)
    for side, column in zip(lengths, ("source_length", "target_length"), strict=True):
        np.maximum.at(side, table["shape"], table[column])
    return lengths


def _most_pairs(table: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the most pairs of each shape that an epoch shows, `(shapes,)`."""
    most = np.zeros(int(table["shape"].max()) + 1)
    for weight in np.unique(weights):
        for shape in np.unique(table["shape"]):
            pairs = table["pairs"][(weights == weight) & (table["shape"] == shape)]
            part = weight % 1  # of the blocks, which differ from epoch to epoch
            largest = np.sort(pairs)[::-1][: int(np.ceil(part * len(pairs)))]
            most[shape] += weight // 1 * pairs.sum() + largest.sum()
    return most
