"""Batches of texts and their classes, in few fixed shapes."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tf_transformer.data.bucketed_batches import BucketedBatches
from tf_transformer.data.labelled_texts import LabelledTexts
from tf_transformer.data.tokenize_pairs import tokenize_texts
from tf_transformer.data.tokenized_pairs import TokenizedPairs, append_end, cut_rows, ragged


class LabelledBatches:
    """Batches for training and validating a classifier: `BucketedBatches` of texts and classes.

    A batch is `(token_ids, classes, weights)`: int32 `(rows, length)`, tokens and END, padded;
    float32 `(rows, num_classes)`, 1 at the class; and float32 `(rows,)`, 1 but for rows of PAD
    alone, which fill up a bucket's last batches.

    Args:
        texts: What to make batches of; those that are too long are cut.
        tokenizer: A `Tokenizer`.
        num_classes: Number of classes.
        max_length: Most tokens of a text, END included.
        batch_tokens: Most of rows times length in a batch.
        seed: Seed of the order. Defaults to 0.
    """

    def __init__(
        self,
        texts: LabelledTexts,
        tokenizer,
        num_classes: int,
        max_length: int,
        batch_tokens: int,
        seed: int = 0,
    ):
        tokens = tokenize_texts(texts.texts, tokenizer)
        self._cut = int(np.sum(tokens.lengths >= max_length))
        tokens = append_end(cut_rows(tokens, max_length - 1))
        # Classes from 1, as 0 is PAD.
        classes = ragged(np.asarray(texts.labels) + 1, np.ones(len(texts), np.int32))
        self._batches = BucketedBatches(TokenizedPairs(tokens, classes), batch_tokens, seed)
        self._num_classes = num_classes
        self._count = len(texts)
        self.target_tokens = len(tokens.values)  # what a pass reads
        self.steps_per_epoch = self._batches.steps_per_epoch
        self.padding = self._batches.padding
        self.seed = seed

    def report(self) -> str:
        """One line: how many texts there are, and what the batches are like."""
        cut = f", {self._cut:,} cut" if self._cut else ""
        return (
            f"{self._count:,} texts{cut}; {self.steps_per_epoch:,} batches an epoch, "
            f"{self.target_tokens / self.steps_per_epoch:,.0f} tokens each, "
            f"{self.padding:.1%} padding"
        )

    def dataset(self, first_step: int = 0) -> tf.data.Dataset:
        """The endless stream of shuffled batches: see `BucketedBatches`."""
        return self._batches.dataset(first_step).map(self._labelled)

    def one_pass(self) -> tf.data.Dataset:
        """Every text once, in a fixed order: for validation."""
        return self._batches.one_pass().map(self._labelled)

    def _labelled(self, inputs: tuple[tf.Tensor, tf.Tensor], classes_and_ends: tf.Tensor):
        classes = classes_and_ends[:, 0]
        return (
            inputs[0],
            tf.one_hot(classes - 1, self._num_classes),
            tf.cast(classes > 0, tf.float32),
        )
