"""Batches of contiguous blocks of a text, in an order that depends only on seed and step."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tf_transformer.data.prefetched import prefetched
from tf_transformer.errors import UserError, counted


class BlockBatches:
    """Batches for training and validating a language model.

    A batch is `(token_ids, next_ids)`, int32, each `(rows, block_length)`: the tokens of each
    block, and the tokens one position later. There is no padding, and all batches of `dataset` have
    the same shape.

    A pass over the text reads each token once. Each pass draws new starts and a new order for its
    blocks. Every batch is a pure function of the text, the seed and its place in the stream:
    training can resume at any step with the batches that it would have seen.

    Args:
        stream: token ids, `(tokens,)`.
        block_length: tokens in a block.
        batch_tokens: most tokens in all blocks of a batch together.
        steps_per_epoch: batches of an epoch; 0 means one pass. Defaults to 0.
        seed: seed of starts and order. Defaults to 0.

    Raises:
        UserError: if the text is too short for a batch, or a block is too long for one.

    Example:
        ```python
        import numpy as np

        import tf_transformer as tft

        batches = tft.data.BlockBatches(np.arange(100), block_length=5, batch_tokens=20)
        token_ids, next_ids = next(iter(batches.dataset()))  # (4, 5) each
        ```
    """

    def __init__(
        self,
        stream: np.ndarray,
        block_length: int,
        batch_tokens: int,
        steps_per_epoch: int = 0,
        seed: int = 0,
    ) -> None:
        with tf.device("CPU"):  # TensorFlow would put it on a GPU, far from the pipeline
            self._stream = tf.constant(stream)
        self._tokens = len(stream)
        self._length = block_length
        self._rows = batch_tokens // block_length
        if not self._rows:
            raise UserError(
                f"a block of {block_length} tokens does not fit in a batch of {batch_tokens}: "
                "raise batch_tokens or lower max_length"
            )
        # At least this many whole batches follow, wherever in the first block a pass begins.
        self._steps_per_pass = (len(stream) - block_length) // (block_length * self._rows)
        if self._steps_per_pass < 1:
            raise UserError(
                f"a text of {counted(len(stream), 'token')} is too short for a batch of "
                f"{counted(self._rows, 'block')} of {block_length}: give more text, "
                "or lower batch_tokens or max_length"
            )
        self.steps_per_epoch = steps_per_epoch or self._steps_per_pass
        self.seed = seed
        self.padding = 0.0

    @property
    def target_tokens(self) -> int:
        """Tokens that are predicted in an epoch."""
        return self.steps_per_epoch * self._rows * self._length

    def report(self) -> str:
        """Return one line on the batches of an epoch: number, size, and share of the text."""
        passes = f"{self.steps_per_epoch / self._steps_per_pass:.3g}"
        return (
            f"{counted(self._tokens, 'token')}; "
            f"{counted(self.steps_per_epoch, 'batch', 'batches')} an epoch "
            f"({passes} {'pass' if passes == '1' else 'passes'} over the text), "
            f"each {counted(self._rows, 'block')} of {self._length}"
        )

    def dataset(self, first_step: int = 0) -> tf.data.Dataset:
        """Return the endless stream of shuffled batches, pass after pass.

        Args:
            first_step: step to start from, counted from the start of training. Defaults to 0.
        """
        first_pass, skipped = divmod(first_step, self._steps_per_pass)

        def batches_of_pass(number: tf.Tensor) -> tf.data.Dataset:
            starts = tf.numpy_function(self._starts, [number], tf.int32)
            starts = tf.ensure_shape(starts, [self._steps_per_pass, self._rows])
            return self._batches(starts[tf.where(number == first_pass, skipped, 0) :])

        stream = tf.data.Dataset.counter(first_pass).flat_map(batches_of_pass)
        endless = tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)
        return prefetched(stream.apply(endless))

    def one_pass(self) -> tf.data.Dataset:
        """Return the text in blocks, in order, for validation.

        A rest shorter than a block is left out.
        """
        starts = np.arange(0, self._tokens - self._length, self._length, np.int32)
        blocks = tf.data.Dataset.from_tensor_slices(starts).batch(self._rows)
        return prefetched(blocks.map(self._blocks))

    def _starts(self, number: np.ndarray) -> np.ndarray:
        """Draw the starts of a pass's blocks, `(steps, rows)`."""
        rng = np.random.default_rng([self.seed, number])
        first = rng.integers(self._length)
        order = rng.permutation((self._tokens - 1 - first) // self._length)
        starts = first + self._length * order[: self._steps_per_pass * self._rows]
        return starts.reshape(self._steps_per_pass, self._rows).astype(np.int32)

    def _batches(self, starts: tf.Tensor) -> tf.data.Dataset:
        return tf.data.Dataset.from_tensor_slices(starts).map(self._blocks)

    def _blocks(self, starts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        places = starts[:, None] + tf.range(self._length + 1)
        blocks = tf.gather(self._stream, places)  # (rows, block_length + 1)
        return blocks[:, :-1], blocks[:, 1:]
