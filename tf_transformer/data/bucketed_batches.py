"""Batches of token ids in a few fixed shapes, in an order that depends only on seed and step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tf_transformer.data.batch_plan import BatchPlan, require_fit
from tf_transformer.data.buckets import make_buckets, padded_lengths
from tf_transformer.data.prefetched import prefetched
from tf_transformer.data.ragged import Ragged, with_specials
from tf_transformer.data.repeats import repeats
from tf_transformer.data.sampled_pairs import SampledPairs, choose_pairs
from tf_transformer.data.share import WHOLE, Share
from tf_transformer.data.tokenized_pairs import TokenizedPairs
from tf_transformer.errors import UserError
from tf_transformer.text.tokenizer import PAD


class BucketedBatches(BatchPlan):
    """Batches for training and validating a translation model.

    Pairs of similar lengths share a bucket, and all batches of a bucket have one shape: XLA
    compiles few programs. Every batch is a pure function of the pairs, `(seed, epoch)` and its
    place in the epoch: training can resume at any step with the batches that it would have seen.

    A batch is `((source_ids, target_in_ids), target_out_ids)`, int32, each `(rows, length)`:

        source_ids      tokens, END
        target_in_ids   START, tokens
        target_out_ids  tokens, END

    all padded with PAD. Each of a bucket's last batches may contain one row of PAD only.

    If the ids are drawn for each epoch, the shapes fit those of the first. Later epochs then fill
    slightly more or fewer batches. All epochs must have the same number of steps, so a few batches
    (usually up to half a batch for each shape) are left out or come twice.

    If pairs have weights, an epoch shows each pair as often as its weight says: see `repeats`.

    Args:
        pairs: the token ids; they stay in memory, twice.
        batch_tokens: token budget: limit on the rows of a batch times the padded length of its
            longer side, source or target.
        seed: seed of the order. Defaults to 0.
        max_shapes: most batch shapes; more shapes mean less padding. Defaults to 16.
        weights: how often an epoch shows each pair, `(pairs,)`. Defaults to once.
        share: the share of each batch to read, where several processes train together. Defaults to
            all of it.

    Raises:
        UserError: if there are no pairs, or if one is too long for a batch.

    Example:
        ```python
        import tf_transformer as tft

        tokenizer = tft.text.Characters(" abcdefghijklmnopqrstuvwxyz")
        pairs = tft.data.Pairs(["bom dia", "obrigado"], ["good morning", "thank you"])
        tokenized = tft.data.tokenize_pairs(pairs, tokenizer, tokenizer)
        batches = tft.data.BucketedBatches(tokenized, batch_tokens=100)
        (source_ids, target_in_ids), target_out_ids = next(iter(batches.dataset()))
        ```
    """

    def __init__(
        self,
        pairs: TokenizedPairs | SampledPairs,
        batch_tokens: int,
        seed: int = 0,
        max_shapes: int = 16,
        weights: np.ndarray | None = None,
        share: Share = WHOLE,
    ) -> None:
        if not len(pairs):
            raise UserError(f"no sentence pairs to make batches of: {pairs.report()}")
        self._pairs = pairs
        self._first = pairs.of_epoch(0)
        lengths = _lengths(self._first)  # (2, pairs)
        require_fit(int(lengths.max()), batch_tokens)
        tokens = lengths.sum(axis=1) if weights is None else lengths @ weights
        super().__init__(make_buckets(lengths, batch_tokens, max_shapes, weights), *tokens, seed)
        self._share = share
        self._weights = weights
        self._filler = len(pairs)  # index of an empty row
        self._first_ids = _ids(self._first)
        with tf.device("CPU"):  # TensorFlow would put it on a GPU, far from the pipeline
            self._shapes = tf.constant(self.shapes, tf.int32)  # (buckets, 3)

    def dataset(self, first_step: int = 0) -> tf.data.Dataset:
        """Return the endless stream of shuffled batches, epoch after epoch.

        Args:
            first_step: step to start from, counted from the start of training; skipping to it costs
                nothing. Defaults to 0.
        """
        first_epoch, skipped = divmod(first_step, self.steps_per_epoch)

        def epoch_batches(epoch: tf.Tensor) -> tf.data.Dataset:
            plan = tf.numpy_function(self._plan, [epoch], 6 * (tf.int32,))
            start = tf.where(epoch == first_epoch, tf.constant(skipped, tf.int64), 0)
            bucket_of = tf.ensure_shape(plan[0], [None])[start:]  # (steps,)
            rows = tf.ensure_shape(plan[1], [None, None])[start:]  # (steps, most rows)
            ids = [tf.ensure_shape(each, [None]) for each in plan[2:]]
            return self._batches(bucket_of, rows, ids)

        stream = tf.data.Dataset.counter(first_epoch).flat_map(epoch_batches)
        endless = tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)
        return prefetched(stream.apply(endless))

    def one_pass(self) -> tf.data.Dataset:
        """Return every pair once, in a fixed order, for validation."""
        members = [bucket.members for bucket in self._buckets]
        buckets, rows = self._chunk(members, are_usual=False)
        return prefetched(self._batches(buckets, rows, self._first_ids))

    def _plan(self, epoch: np.ndarray) -> tuple[np.ndarray, ...]:
        """Make the shuffled batches of an epoch, in the form that `_chunk` returns, and its ids."""
        pairs = self._pairs.of_epoch(int(epoch))
        members, ids = [bucket.members for bucket in self._buckets], self._first_ids
        if pairs is not self._first:
            members, pairs = self._allot(pairs)
            ids = _ids(pairs)
        if self._weights is not None:
            members = self._shown(members, int(epoch))
        rng = np.random.default_rng([self.seed, epoch])
        members = [rng.permutation(each) for each in members]
        bucket_of, rows = self._chunk(members, are_usual=pairs is self._first)
        order = np.resize(rng.permutation(len(rows)), self.steps_per_epoch)
        return bucket_of[order], rows[order], *ids

    def _allot(self, pairs: TokenizedPairs) -> tuple[list[np.ndarray], TokenizedPairs]:
        """Find the bucket of each pair; a pair that fits in none keeps its ids of the first epoch.

        Returns:
            The indices of each bucket's pairs, and the pairs.
        """
        shapes = np.array(self.shapes).T[1:]  # (2, buckets)
        fits = np.isfinite(padded_lengths(_lengths(pairs), shapes)).any(axis=1)
        pairs = choose_pairs(fits, pairs, self._first)
        bucket_of = padded_lengths(_lengths(pairs), shapes).argmin(axis=1)
        return [np.flatnonzero(bucket_of == bucket) for bucket in range(shapes.shape[1])], pairs

    def _shown(self, members: list[np.ndarray], epoch: int) -> list[np.ndarray]:
        """Return each bucket's pairs as often as this epoch shows them."""
        order = np.concatenate([bucket.members for bucket in self._buckets])
        times = np.empty(len(order), np.int64)
        times[order] = repeats(self._weights[order], epoch)  # neighbours share a bucket
        return [np.repeat(each, times[each]) for each in members]

    def _chunk(self, members: list[np.ndarray], are_usual: bool) -> tuple[np.ndarray, np.ndarray]:
        """Divide each bucket's members into its batches.

        Args:
            members: the pairs of each bucket.
            are_usual: whether the pairs have the ids of the first epoch. They then fill the usual
                number of batches, even if this epoch shows a few pairs fewer.

        Returns:
            The bucket of each batch `(steps,)` and its pairs' indices `(steps, most rows)`.
        """
        rows_of = [bucket.rows for bucket in self._buckets]
        batches = [bucket.batches for bucket in self._buckets]
        if not are_usual:
            batches = [-(-len(pairs) // rows) for pairs, rows in zip(members, rows_of, strict=True)]
        bucket_of = np.repeat(np.arange(len(batches), dtype=np.int32), batches)
        rows = np.full((len(bucket_of), max(rows_of)), self._filler, np.int32)
        for index, pairs in enumerate(members):
            missing = batches[index] * rows_of[index] - len(pairs)
            dealt = np.append(pairs, np.full(missing, self._filler))
            # Dealing them out in turn puts as few fillers as possible into each batch.
            rows[bucket_of == index, : rows_of[index]] = dealt.reshape(rows_of[index], -1).T
        return bucket_of, rows

    def _batches(
        self,
        bucket_of: tf.Tensor | np.ndarray,
        rows: tf.Tensor | np.ndarray,
        ids: Sequence[tf.Tensor | np.ndarray],
    ) -> tf.data.Dataset:
        with tf.device("CPU"):
            sources, targets = (
                tf.RaggedTensor.from_row_splits(values, splits, validate=False)
                for values, splits in (ids[:2], ids[2:])
            )
        plan = tf.data.Dataset.from_tensor_slices((bucket_of, rows))
        return plan.map(
            lambda bucket, rows: self._gather(sources, targets, bucket, rows),
            num_parallel_calls=2,
        )

    def _gather(
        self,
        sources: tf.RaggedTensor,
        targets: tf.RaggedTensor,
        bucket: tf.Tensor,
        rows: tf.Tensor,
    ) -> tuple[tuple[tf.Tensor, tf.Tensor], tf.Tensor]:
        """Make one batch, or a share of it: the tokens of `rows` in the shape of `bucket`."""
        count, source_length, target_length = tf.unstack(self._shapes[bucket])
        rows = self._share.of(rows[:count], self._filler)
        source_shape = tf.stack([tf.size(rows), source_length])
        target_shape = tf.stack([tf.size(rows), target_length])
        targets = tf.gather(targets, rows)
        source_ids = tf.gather(sources, rows).to_tensor(PAD, shape=source_shape)
        target_in_ids = targets[:, :-1].to_tensor(PAD, shape=target_shape)
        target_out_ids = targets[:, 1:].to_tensor(PAD, shape=target_shape)
        return (source_ids, target_in_ids), target_out_ids


def _lengths(pairs: TokenizedPairs) -> np.ndarray:
    """Count the tokens of each pair's source and target, END included, `(2, pairs)`."""
    return np.stack([pairs.sources.lengths, pairs.targets.lengths + 1])


def _ids(pairs: TokenizedPairs) -> tuple[np.ndarray, ...]:
    """Return values and row splits of sources, then of targets, each with an empty last row."""
    return *_with_empty_row(pairs.sources), *_with_empty_row(with_specials(pairs.targets))


def _with_empty_row(rows: Ragged) -> tuple[np.ndarray, np.ndarray]:
    return rows.values, np.append(rows.row_splits, rows.row_splits[-1])
