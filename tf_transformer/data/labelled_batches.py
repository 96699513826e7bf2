"""Batches of texts and their classes, in a few fixed shapes."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tf_transformer.data.bucketed_batches import BucketedBatches
from tf_transformer.data.labelled_texts import LabelledTexts
from tf_transformer.data.ragged import Ragged, append_end, cut_rows
from tf_transformer.data.tokenize_pairs import tokenize_texts
from tf_transformer.data.tokenized_pairs import TokenizedPairs
from tf_transformer.errors import counted
from tf_transformer.text.tokenizer import Tokenizer


class LabelledBatches:
    """Batches for training and validating a classifier: `BucketedBatches` of texts and classes.

    A batch is `(token_ids, classes, weights)`:

        token_ids  int32 `(rows, length)`, tokens and END, padded
        classes    float32 `(rows, num_classes)`, 1 at the class
        weights    float32 `(rows,)`, 1; or 0 in rows of PAD only, which fill up the last batches

    Args:
        texts: the texts and classes; texts that are too long are cut.
        tokenizer: turns the texts into ids.
        num_classes: number of classes.
        max_length: most tokens in a text, END included.
        batch_tokens: limit on the rows of a batch times its length.
        seed: seed of the order. Defaults to 0.

    Example:
        ```python
        import tf_transformer as tft

        tokenizer = tft.text.Characters("abdgo")
        texts = tft.data.LabelledTexts(["good", "bad"], [1, 0])
        batches = tft.data.LabelledBatches(
            texts, tokenizer, num_classes=2, max_length=8, batch_tokens=32
        )
        token_ids, classes, weights = next(iter(batches.dataset()))
        ```
    """

    def __init__(
        self,
        texts: LabelledTexts,
        tokenizer: Tokenizer,
        num_classes: int,
        max_length: int,
        batch_tokens: int,
        seed: int = 0,
    ) -> None:
        tokens = tokenize_texts(texts.texts, tokenizer)
        self._cut = int(np.sum(tokens.lengths >= max_length))
        tokens = append_end(cut_rows(tokens, max_length - 1))
        # Classes count from 1, because 0 is PAD.
        classes = Ragged.of(np.asarray(texts.labels) + 1, np.ones(len(texts), np.int32))
        self._batches = BucketedBatches(TokenizedPairs(tokens, classes), batch_tokens, seed)
        self._num_classes = num_classes
        self._count = len(texts)
        self.target_tokens = len(tokens.values)  # tokens that a pass reads
        self.steps_per_epoch = self._batches.steps_per_epoch
        self.padding = self._batches.padding
        self.seed = seed

    def report(self) -> str:
        """Return one line on the texts and their batches."""
        cut = f", {self._cut:,} cut" if self._cut else ""
        tokens = round(self.target_tokens / self.steps_per_epoch)
        return (
            f"{counted(self._count, 'text')}{cut}; "
            f"{counted(self.steps_per_epoch, 'batch', 'batches')} an epoch, "
            f"{counted(tokens, 'token')} each, "
            f"{self.padding:.1%} padding"
        )

    def dataset(self, first_step: int = 0) -> tf.data.Dataset:
        """Return the endless stream of shuffled batches: see `BucketedBatches.dataset`."""
        return self._batches.dataset(first_step).map(self._labelled)

    def one_pass(self) -> tf.data.Dataset:
        """Return every text once, in a fixed order, for validation."""
        return self._batches.one_pass().map(self._labelled)

    def _labelled(
        self, inputs: tuple[tf.Tensor, tf.Tensor], classes_and_ends: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        classes = classes_and_ends[:, 0]
        return (
            inputs[0],
            tf.one_hot(classes - 1, self._num_classes),
            tf.cast(classes > 0, tf.float32),
        )
