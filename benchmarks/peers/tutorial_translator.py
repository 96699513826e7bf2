"""Greedy decoding as in TensorFlow's tutorial: the whole model runs again for every token."""

import tensorflow as tf


class TutorialTranslator:
    """Translates one sentence at a time, without a cache, in one `tf.function`.

    Args:
        model: a `TutorialTransformer`.
        start: id of the token that translations begin with.
    """

    def __init__(self, model, start):
        self._model = model
        self._start = start
        self._compiled = tf.function(
            self._search,
            input_signature=[tf.TensorSpec([1, None], tf.int32), tf.TensorSpec([], tf.int32)],
            autograph=False,
        )

    def decode(self, source_ids, steps):
        """Decode for this many steps: no token ends a sentence.

        Args:
            source_ids: list of int, the source sentence.
            steps: int, at least 1.

        Returns:
            int32 `(1, 1 + steps)`, the start token and the new tokens.
        """
        return self._compiled(tf.constant([source_ids]), tf.constant(steps)).numpy()

    def _search(self, source_ids, steps):
        def step(ids):
            logits = self._model((source_ids, ids), training=False)
            token_ids = tf.argmax(logits[:, -1:], axis=-1, output_type=tf.int32)  # (1, 1)
            return [tf.concat([ids, token_ids], axis=1)]

        (ids,) = tf.while_loop(
            lambda ids: tf.shape(ids)[1] <= steps,
            step,
            [tf.constant([[self._start]])],
            shape_invariants=[tf.TensorShape([1, None])],
        )
        return ids
