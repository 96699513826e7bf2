"""Greedy search: always the most probable token."""

from __future__ import annotations

import dataclasses

import tensorflow as tf

from tf_transformer.decoding.one_token import OneTokenSearch
from tf_transformer.decoding.vocabulary import best_token


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class GreedySearch(OneTokenSearch):
    """Continues each row with its most probable token until END.

        y_t = argmax_y p(y | y_1, …, y_{t-1}, source)

    A call with a model, source tokens and limits returns `Hypotheses`, one for each row: see
    `Search`.

    Example:
        ```python
        import tensorflow as tf

        from tf_transformer.decoding import GreedySearch
        from tf_transformer.models import Transformer

        model = Transformer.from_preset("tiny", vocab_size=4000)
        source_ids = tf.constant([[17, 45, 3]])
        found = GreedySearch()(model, source_ids, limits=tf.constant([10]))
        found.ids  # (1, 10)
        ```
    """

    def choose(
        self, positions: tf.Tensor, logits: tf.Tensor, rows: dict[str, tf.Tensor]
    ) -> tf.Tensor:
        return best_token(logits)
