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


def decode(model, source_ids, limits, advance, state, width=1):
    """Run a search until all rows are done.

    Args:
        model: a `Transformer`, or any model with its `encode`, `start_cache` and `decode`.
        source_ids: int32 `(batch, source_length)`.
        limits: int32 `(batch,)`, most target tokens of each row, END included.
        advance: `(position, log_probs, state) -> (token_ids, parents, state)`: takes
            log-probabilities `(batch * width, vocab)` of the token at `position`, and says which
            tokens come next, int32 `(batch * width,)`, and which rows they continue (`None` if
            each continues itself).
        state: a structure of tensors with a field `done`, bool `(batch,)`.
        width: hypotheses kept for each row.

    Returns:
        The last state.
    """
    memory, memory_mask = model.encode(source_ids)
    caches, memory_keys_values = model.start_cache(memory, _longest(limits))
    caches, memory_keys_values, memory_mask = tf.nest.map_structure(
        lambda x: tf.repeat(x, width, axis=0), (caches, memory_keys_values, memory_mask)
    )  # (batch * width, ...)
    rows = tf.shape(memory_mask)[0]

    def unfinished(position, token_ids, caches, state):
        return tf.logical_not(tf.reduce_all(state.done))

    def step(position, token_ids, caches, state):
        logits, caches = model.decode(token_ids, position, caches, memory_keys_values, memory_mask)
        log_probs = tf.nn.log_softmax(tf.cast(logits, tf.float32))
        token_ids, parents, state = advance(position, log_probs, state)
        if parents is not None:
            caches = tf.nest.map_structure(lambda x: tf.gather(x, parents), caches)
        return position + 1, token_ids, caches, state

    start = (tf.constant(0), tf.fill([rows], START), caches, state)
    *_, state = tf.while_loop(unfinished, step, start)
    return state


def empty_ids(shape, limits):
    """Return room for the ids of hypotheses: PAD, int32 `(*shape, longest limit)`."""
    return tf.zeros([*shape, _longest(limits)], tf.int32)


def write(ids, position, token_ids):
    """Return `ids`, `(..., length)`, with `token_ids`, `(...)`, written at a position."""
    here = tf.range(tf.shape(ids)[-1]) == position
    return tf.where(here, token_ids[..., None], ids)


def _longest(limits):
    return tf.reduce_max(tf.concat([limits, [1]], axis=0))  # 1: there may be no rows
