"""The best translations of a text, combined from those of its sentences."""

from __future__ import annotations

import tensorflow as tf

from tf_transformer.decoding.search import NEVER

_CUT = -1e4  # ranks what was cut after all that ended


def best_combinations(
    translations: tf.Tensor, scores: tf.Tensor, truncated: tf.Tensor, pieces: tf.RaggedTensor
) -> tf.Tensor:
    """Return which translation of each piece is in its text's best ones, ranked by summed scores.

    Combinations with a part that was cut come after the others, and repeated texts come last.

    Args:
        translations: strings `(pieces, beam)`, for each piece best first.
        scores: float32 `(pieces, beam)`.
        truncated: bool `(pieces, beam)`.
        pieces: the pieces of each text, from `pieces_of`.

    Returns:
        int32 `(pieces, beam)`: column `i` is in the translation of rank `i`.
    """
    beam, count = tf.shape(scores)[1], tf.size(pieces.flat_values)
    lengths, starts = (tf.cast(x, tf.int32) for x in (pieces.row_lengths(), pieces.row_starts()))
    scores = tf.where(truncated, scores + _CUT, scores)
    scores = tf.where(is_repeated(translations), NEVER, scores)
    nothing = tf.where(tf.range(beam) == 0, 0.0, -float("inf"))[None]
    scores = tf.concat([scores, nothing], axis=0)  # the last is that of a missing piece
    most = tf.reduce_max(tf.concat([lengths, [1]], axis=0))

    def join(
        place: tf.Tensor, totals: tf.Tensor, choices: tf.TensorArray
    ) -> tuple[tf.Tensor, tf.Tensor, tf.TensorArray]:
        rows = tf.where(place < lengths, starts + place, count)
        sums = totals[:, :, None] + tf.gather(scores, rows)[:, None, :]  # (texts, beam, beam)
        new, best = tf.math.top_k(tf.reshape(sums, [-1, beam * beam]), k=beam)
        return place + 1, tf.reshape(new, tf.shape(totals)), choices.write(place, best)

    def look_back(
        place: tf.Tensor, ranks: tf.Tensor, columns: tf.TensorArray
    ) -> tuple[tf.Tensor, tf.Tensor, tf.TensorArray]:
        best = tf.gather(choices.read(place), ranks, batch_dims=1)
        parents = tf.reshape(best // beam, tf.shape(ranks))
        return place - 1, parents, columns.write(place, best % beam)

    each = tf.TensorArray(tf.int32, most, element_shape=[None, None], clear_after_read=False)
    totals = tf.tile(nothing, [tf.size(lengths), 1])
    loop = {"maximum_iterations": most}
    _, _, choices = tf.while_loop(lambda *_: True, join, (0, totals, each), **loop)
    ranks = tf.tile(tf.range(beam)[None], [tf.size(lengths), 1])
    _, _, columns = tf.while_loop(lambda *_: True, look_back, (most - 1, ranks, each), **loop)
    places = tf.ragged.range(lengths).flat_values
    texts = tf.cast(pieces.value_rowids(), tf.int32)
    return tf.gather_nd(columns.stack(), tf.stack([places, texts], axis=1))


def is_repeated(texts: tf.Tensor) -> tf.Tensor:
    """Return which texts, `(rows, beam)`, also occur further left in their row."""
    numbers = tf.range(tf.shape(texts)[1])
    is_equal = tf.equal(texts[:, :, None], texts[:, None, :])
    return tf.reduce_any(is_equal & (numbers[:, None] > numbers), axis=2)
