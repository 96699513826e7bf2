"""The loop that all searches share: one decoder step a token, over a key/value cache."""

from typing import NamedTuple

import tensorflow as tf

from tf_transformer.text.tokenizer import START

_MOST_QUERIES = 128  # hypotheses that are decoded side by side, of all rows that sit


class Hypotheses(NamedTuple):
    """What a search found; beam search has an axis `beam` after `batch` in each.

    Fields:
        ids: int32 `(batch, length)`, END included where it was reached, then PAD.
        scores: float32 `(batch,)`, log-probabilities; those of beam search are divided by the
            length penalty.
        truncated: bool `(batch,)`, whether the length limit came before END.
        unfinished: bool `(batch,)`, never with an axis `beam`: whether a higher limit might have
            changed what was found.
    """

    ids: tf.Tensor
    scores: tf.Tensor
    truncated: tf.Tensor
    unfinished: tf.Tensor


class Search(NamedTuple):
    """How the tokens of rows are chosen; the number of hypotheses of a row is its width.

    Fields:
        start: `rows -> state`, before the first token: a structure of tensors `(seats, ...)`, with
            a field `done`.
        advance: `(positions, logits, rows, state) -> (token_ids, parents, state)`: takes logits
            `(seats, width, vocab)` of the tokens at `positions`, `(seats,)`, and says which tokens
            come next, int32 `(seats, width)`, and which hypotheses they continue, int32 of that
            shape (`None` if each continues itself).
        finish: `(rows, state) -> Hypotheses` of rows that are done.
        width: hypotheses a row.
    """

    start: object
    advance: object
    finish: object
    width: int = 1


class _Seats(NamedTuple):
    """Rows that are being decoded."""

    who: tf.Tensor  # (seats,), number of the row; that of no row, if nobody sits there
    born: tf.Tensor  # (seats,), the step that it began with
    token_ids: tf.Tensor  # (seats, width), its last tokens
    lineage: tf.Tensor  # (seats, width, room), which hypothesis wrote each token of a hypothesis
    held: tuple  # what belongs to the row: its search's inputs, its memory
    state: tuple  # of the search


def decode(model, source_ids, rows, search, room, first_ids=None):
    """Run a search on every row.

    A row that is done leaves its seat to one that waits, so that a long row does not keep the
    others. The cache is a ring of `room` steps: each seat attends to the steps since its row began.
    The hypotheses of a row share its memory and its slots: nothing is copied when they are dropped
    and continued, as their lineage says which slots they consist of.

    Args:
        model: a `Transformer`, or any model with its methods for decoding.
        source_ids: int32 `(batch, source_length)`.
        rows: a structure of tensors `(batch, ...)`, for the search.
        search: a `Search`.
        room: int scalar, most target tokens of a row.
        first_ids: int32 `(batch,)`, the token that the first step of each row begins with. Defaults
            to START.

    Returns:
        `Hypotheses`.
    """
    width, count = search.width, tf.shape(source_ids)[0]
    memory, memory_mask = model.encode(source_ids)
    first_ids = tf.fill([count], START) if first_ids is None else first_ids
    store = (rows, model.memory_keys_values(memory), memory_mask, first_ids)
    size = _seats(count, width)

    def sit_down(who, step):
        """Return seats at which rows begin."""
        held = tf.nest.map_structure(lambda x: tf.gather(x, tf.minimum(who, count - 1)), store)
        state = search.start(held[0])
        return _Seats(
            who=who,
            born=tf.fill([size], step),
            token_ids=tf.tile(held[3][:, None], [1, width]),
            lineage=tf.zeros([size, width, room], tf.int32),
            held=held,
            state=state._replace(done=state.done | (who == count)),
        )

    def stand_up(seats, results):
        """Put down what was found for rows that are done."""
        place = tf.where(seats.state.done, seats.who, count)[:, None]
        found = search.finish(seats.held[0], seats.state)
        return tf.nest.map_structure(
            lambda table, x: tf.tensor_scatter_nd_update(table, place, x), results, found
        )

    def change_seats(step, waiting, seats, results):
        """Let those that wait take the seats of those that are done."""
        free = tf.cast(seats.state.done, tf.int32)
        who = tf.minimum(waiting + tf.cumsum(free, exclusive=True), count)
        results = stand_up(seats, results)
        seats = select(seats.state.done, sit_down(who, step), seats)
        return tf.minimum(waiting + tf.reduce_sum(free), count), seats, results

    def is_worth_a_change(waiting, seats):
        """A change costs about as much as a step, so let some seats become free before."""
        free = tf.reduce_sum(tf.cast(seats.state.done, tf.int32))
        return (free == size) | (waiting < count) & (4 * free >= size)

    def step_once(step, seats, cache):
        inputs, memory_keys_values, memory_mask, _ = seats.held
        positions = tf.minimum(step - seats.born, room - 1)  # empty seats too need one that exists
        ring = step % room
        lineage = _join(seats.lineage, ring)
        mask = _slots(lineage, ring, positions)
        logits, cache = model.decode(
            seats.token_ids, positions, ring * width, cache, memory_keys_values, mask, memory_mask
        )
        token_ids, parents, state = search.advance(positions, logits, inputs, seats.state)
        if parents is not None:
            lineage = tf.gather(lineage, parents, batch_dims=1)
        seats = seats._replace(token_ids=token_ids, lineage=lineage, state=state)
        return step + 1, seats, cache

    def sitting(waiting, step, seats, cache, results):
        """Decode the rows that sit until some are to be changed."""
        waiting, seats, results = change_seats(step, waiting, seats, results)
        step, seats, cache = _loop(
            lambda step, seats, cache: ~is_worth_a_change(waiting, seats),
            step_once,
            (step, seats, cache),
        )
        return waiting, step, seats, cache, results

    def unfinished(waiting, step, seats, cache, results):
        return (waiting < count) | ~tf.reduce_all(seats.state.done)

    seats = sit_down(tf.fill([size], count), 0)  # nobody yet
    results = tf.nest.map_structure(
        lambda x: tf.zeros(tf.concat([[count + 1], tf.shape(x)[1:]], axis=0), x.dtype),
        search.finish(seats.held[0], seats.state),
    )  # the last row is nobody's
    cache = model.empty_cache(size, room * width)
    start = (tf.constant(0), tf.constant(0), seats, cache, results)
    _, _, seats, _, results = _loop(unfinished, sitting, start)
    results = stand_up(seats, results)
    return tf.nest.map_structure(lambda x: x[:count], results)


def _seats(count, width):
    """Return for how many rows there are seats: for half of them, so that none stays empty long,
    but for all if they are few, as a step for few takes as long."""
    size = tf.clip_by_value(_MOST_QUERIES // width, 1, tf.maximum(count // 2, 8))
    return tf.minimum(count, size)


def room_for(limits, room=None):
    """Return for how many target tokens there must be room.

    Args:
        limits: int32 `(batch,)`.
        room: if given, taken as it is: it must hold the longest limit. Under XLA, where shapes may
            not depend on values, it must be given.
    """
    return tf.reduce_max(tf.concat([limits, [1]], axis=0)) if room is None else room


def write(ids, positions, token_ids):
    """Return `ids`, `(seats, ..., length)`, with `token_ids`, `(seats, ...)`, written at
    `positions`, `(seats,)`."""
    here = tf.range(tf.shape(ids)[-1]) == like(positions, ids)
    return tf.where(here, token_ids[..., None], ids)


def like(x, other):
    """Reshape `x`, `(seats,)`, so that it broadcasts to `other`, `(seats, ...)`."""
    return tf.reshape(x, [-1] + [1] * (len(other.shape) - 1))


def select(condition, new, old):
    """Take structures apart, seat by seat: `new` where the condition, `(seats,)`, holds."""
    return tf.nest.map_structure(lambda a, b: tf.where(like(condition, b), a, b), new, old)


def _join(lineage, ring):
    """Let each hypothesis stand for itself at the present step."""
    _, width, room = tf.unstack(tf.shape(lineage))
    return tf.where(tf.range(room) == ring, tf.range(width)[:, None], lineage)


def _slots(lineage, ring, positions):
    """Return which slots of the cache hold the tokens of each hypothesis, bool
    `(seats, 1, width, room * width)`."""
    size, width, room = tf.unstack(tf.shape(lineage))
    is_own = lineage[..., None] == tf.range(width)  # (seats, width, room, width)
    age = (ring - tf.range(room)) % room  # steps since a slot was written
    is_past = age <= positions[:, None]  # (seats, room)
    slots = is_own & is_past[:, None, :, None]
    return tf.reshape(slots, [size, 1, width, room * width])


def _loop(condition, body, start):
    """Loop over variables that keep the static shapes with which they start."""

    def turn(*before):
        after = body(*before)
        tf.nest.map_structure(lambda a, b: a.set_shape(b.shape), after, before)
        return after

    return tf.while_loop(condition, turn, start)
