"""The loop that all searches share: one decoder step a token, over a key/value cache."""

from typing import NamedTuple

import tensorflow as tf

from tf_transformer.text.tokenizer import START


class Hypotheses(NamedTuple):
    """What a search found; beam search has an axis `beam` after `batch` in each.

    Fields:
        ids: int32 `(batch, length)`, END included where it was reached, then PAD.
        scores: float32 `(batch,)`, log-probabilities; those of beam search are divided by the
            length penalty.
        truncated: bool `(batch,)`, whether the length limit came before END.
    """

    ids: tf.Tensor
    scores: tf.Tensor
    truncated: tf.Tensor


def decode(model, source_ids, limits, advance, state, width=1, room=None):
    """Run a search until all rows are done.

    The hypotheses of a row share its memory and its cache: each slot of the cache holds the key
    and value of one token, and every hypothesis knows by its lineage which slots it consists of.
    So nothing is copied when hypotheses are dropped and continued.

    Args:
        model: a `Transformer`, or any model with its `encode`, `start_cache` and `decode`.
        source_ids: int32 `(batch, source_length)`.
        limits: int32 `(batch,)`, most target tokens of each row, END included.
        advance: `(position, logits, state) -> (token_ids, parents, state)`: takes logits
            `(batch, width, vocab)` of the token at `position`, and says which tokens come next,
            int32 `(batch, width)`, and which hypotheses they continue, int32 `(batch, width)`
            (`None` if each continues itself).
        state: a structure of tensors with a field `done`, bool `(batch,)`.
        width: hypotheses kept for each row.
        room: int scalar, most target tokens of any row, as in `room_for`.

    Returns:
        The last state.
    """
    room = room_for(limits, room)
    memory, memory_mask = model.encode(source_ids)
    caches, memory_keys_values = model.start_cache(memory, room * width)
    batch = tf.shape(source_ids)[0]

    def unfinished(position, token_ids, lineage, caches, state):
        return tf.logical_not(tf.reduce_all(state.done))

    def step(position, token_ids, lineage, caches, state):
        lineage = _join(lineage, position)
        mask = _slots(lineage, position)
        logits, caches = model.decode(
            token_ids, position, caches, memory_keys_values, mask, memory_mask
        )
        token_ids, parents, state = advance(position, logits, state)
        if parents is not None:
            lineage = tf.gather(lineage, parents, batch_dims=1)
        return position + 1, token_ids, lineage, caches, state

    token_ids = tf.fill([batch, width], START)
    lineage = tf.zeros([batch, width, room], tf.int32)
    start = (tf.constant(0), token_ids, lineage, caches, state)
    *_, state = tf.while_loop(unfinished, step, start)
    return state


def room_for(limits, room=None):
    """Return for how many target tokens there must be room.

    Args:
        limits: int32 `(batch,)`.
        room: if given, taken as it is: it must hold the longest limit. Under XLA, where shapes may
            not depend on values, it must be given.
    """
    return tf.reduce_max(tf.concat([limits, [1]], axis=0)) if room is None else room


def write(ids, position, token_ids):
    """Return `ids`, `(..., length)`, with `token_ids`, `(...)`, written at a position."""
    here = tf.range(tf.shape(ids)[-1]) == position
    return tf.where(here, token_ids[..., None], ids)


def _join(lineage, position):
    """Let each hypothesis stand for itself at a position.

    `lineage[b, i, t]` says which of the row's hypotheses the token at `t` of hypothesis `i` was.
    """
    batch, width, _ = tf.unstack(tf.shape(lineage))
    return write(lineage, position, tf.tile(tf.range(width)[None], [batch, 1]))


def _slots(lineage, position):
    """Return which slots of the cache hold the tokens of each hypothesis, bool
    `(batch, 1, width, room * width)`."""
    batch, width, room = tf.unstack(tf.shape(lineage))
    is_own = lineage[..., None] == tf.range(width)  # (batch, width, room, width)
    is_past = (tf.range(room) <= position)[:, None]
    return tf.reshape(is_own & is_past, [batch, 1, width, room * width])
