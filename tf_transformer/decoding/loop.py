"""The loop that all searches share: one decoder step for each token, with continuous batching.

A row that is done makes room for the next in line: no row waits for a long one to end.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import tensorflow as tf

from tf_transformer.text.tokenizer import START

if TYPE_CHECKING:
    from tf_transformer.decoding.search import Hypotheses, Search

_MOST_QUERIES = 128  # hypotheses that are decoded side by side, all running rows together
_FEW = 32  # rows, of which none waits for another to end, unless their hypotheses are too many


class _Inputs(NamedTuple):
    """The inputs of rows."""

    rows: dict[str, tf.Tensor]  # (rows, ...), for the search
    memory: Any  # (rows, ...), what the model has read
    first_ids: tf.Tensor  # (rows,)


class _Progress(NamedTuple):
    """What each step changes about running rows."""

    token_ids: tf.Tensor  # (running, width), the last tokens
    # (running, width, room), which hypothesis wrote each of a hypothesis' tokens; of one, nothing
    lineage: tf.Tensor | tuple[()]
    state: Any  # of the search


class _Running(NamedTuple):
    """Rows that are being decoded, each in its own place."""

    row: tf.Tensor  # (running,), number of the row; in an empty place, a number beyond the last
    first_step: tf.Tensor  # (running,), the row's first step
    inputs: _Inputs
    progress: _Progress

    @property
    def done(self) -> tf.Tensor:
        return self.progress.state.done


def decode(
    model: Any,
    source_ids: tf.Tensor,
    rows: dict[str, tf.Tensor],
    search: Search,
    room: tf.Tensor | int,
    first_ids: tf.Tensor | None = None,
) -> Hypotheses:
    """Run a search on every row.

    The cache is a ring of `room` steps, and each row attends to the steps since it began. The
    hypotheses of a row share its memory and its slots. The lineage of a hypothesis tells which
    slots hold its tokens: dropping or continuing a hypothesis copies nothing.

    Args:
        model: a `Transformer`, or any model with its methods `read`, `empty_cache` and `decode`.
        source_ids: int32 `(batch, source_length)`.
        rows: tensors `(batch, ...)` for the search, including `"limits"`.
        search: a `Search`.
        room: int scalar, most target tokens of a row.
        first_ids: int32 `(batch,)`, the token that each row begins with. Defaults to START.
    """
    width, count = search.width, tf.shape(source_ids)[0]
    memory = model.read(source_ids)
    first_ids = tf.fill([count], START) if first_ids is None else first_ids
    inputs = _Inputs(rows, memory, first_ids)
    size = _places(count, width)
    is_single = isinstance(width, int) and width == 1  # a row's only hypothesis wrote all it has

    def admit(row: tf.Tensor, step: tf.Tensor | int) -> _Running:
        """Return rows at their start."""
        own = tf.nest.map_structure(lambda x: tf.gather(x, tf.minimum(row, count - 1)), inputs)
        state = search.start(own.rows, room)
        return _Running(
            row=row,
            first_step=tf.fill([size], step),
            inputs=own,
            progress=_Progress(
                token_ids=tf.tile(own.first_ids[:, None], [1, width]),
                lineage=() if is_single else tf.zeros([size, width, room], tf.int32),
                state=state._replace(done=state.done | (row == count)),
            ),
        )

    def retire(running: _Running, results: Hypotheses) -> Hypotheses:
        """Record what was found for rows that are done."""
        place = tf.where(running.done, running.row, count)[:, None]
        found = search.finish(running.inputs.rows, running.progress.state)
        return tf.nest.map_structure(
            lambda table, x: tf.tensor_scatter_nd_update(table, place, x), results, found
        )

    def replace(
        step: tf.Tensor, waiting: tf.Tensor, running: _Running, results: Hypotheses
    ) -> tuple[tf.Tensor, _Running, Hypotheses]:
        """Let waiting rows take the places of those that are done."""
        free = tf.cast(running.done, tf.int32)
        row = tf.minimum(waiting + tf.cumsum(free, exclusive=True), count)
        results = retire(running, results)
        running = select(running.done, admit(row, step), running)
        return tf.minimum(waiting + tf.reduce_sum(free), count), running, results

    def is_worth_replacing(waiting: tf.Tensor, done: tf.Tensor) -> tf.Tensor:
        """Return whether enough places are free: replacing rows costs about as much as a step."""
        free = tf.reduce_sum(tf.cast(done, tf.int32))
        return (free == size) | (waiting < count) & (4 * free >= size)

    def take_step(
        running: _Running, step: tf.Tensor, progress: _Progress, kept: Any
    ) -> tuple[tf.Tensor, _Progress, Any]:
        # Empty places need a valid position, too.
        positions = tf.minimum(step - running.first_step, room - 1)  # (running,)
        ring = step % room
        age = (ring - tf.range(room)) % room  # steps since a slot was written
        is_past = age <= positions[:, None]  # (running, room)
        lineage = progress.lineage if is_single else _join(progress.lineage, ring)
        logits, cache = model.decode(
            progress.token_ids,
            running.inputs.memory,
            empty._replace(kept=kept).at(ring * width, positions[:, None]),
            tf.reshape(
                is_past if is_single else _slots(lineage, is_past), [size, 1, width, room * width]
            ),
        )
        choice = search.advance(positions, logits, running.inputs.rows, progress.state)
        if choice.parents is not None and not is_single:
            lineage = tf.gather(lineage, choice.parents, batch_dims=1)
        return step + 1, _Progress(choice.token_ids, lineage, choice.state), cache.kept

    def run_until_replacing(
        waiting: tf.Tensor, step: tf.Tensor, running: _Running, kept: Any, results: Hypotheses
    ) -> tuple[Any, ...]:
        """Decode the running rows until some of them should be replaced."""
        waiting, running, results = replace(step, waiting, running, results)
        step, progress, kept = _loop(
            lambda step, progress, kept: ~is_worth_replacing(waiting, progress.state.done),
            functools.partial(take_step, running),
            (step, running.progress, kept),
        )
        return waiting, step, running._replace(progress=progress), kept, results

    def unfinished(
        waiting: tf.Tensor, step: tf.Tensor, running: _Running, kept: Any, results: Hypotheses
    ) -> tf.Tensor:
        return (waiting < count) | ~tf.reduce_all(running.done)

    running = admit(tf.fill([size], count), 0)  # no row yet
    results = tf.nest.map_structure(
        lambda x: tf.zeros(tf.concat([[count + 1], tf.shape(x)[1:]], axis=0), x.dtype),
        search.finish(running.inputs.rows, running.progress.state),
    )  # the last row takes what empty places found
    empty = model.empty_cache(size, room * width)
    start = (tf.constant(0), tf.constant(0), running, empty.kept, results)
    _, _, running, _, results = _loop(unfinished, run_until_replacing, start)
    results = retire(running, results)
    return tf.nest.map_structure(lambda x: x[:count], results)


def _places(count: tf.Tensor, width: tf.Tensor | int) -> tf.Tensor:
    """Return how many rows run at a time.

    It is half of them, which leaves no place empty for long; but all of a few, because a step takes
    nearly as long for fewer.
    """
    size = tf.clip_by_value(_MOST_QUERIES // width, 1, tf.maximum(count // 2, _FEW))
    return tf.minimum(count, size)


def write(ids: tf.Tensor, positions: tf.Tensor, token_ids: tf.Tensor) -> tf.Tensor:
    """Return `ids` with tokens written at a position of each row.

    Args:
        ids: `(running, ..., room)`.
        positions: `(running,)`.
        token_ids: `(running, ...)`.
    """
    here = tf.range(tf.shape(ids)[-1]) == like(positions, ids)
    return tf.where(here, tf.expand_dims(token_ids, -1), ids)


def like(x: tf.Tensor, other: tf.Tensor) -> tf.Tensor:
    """Reshape `x`, `(rows,)`, so that it broadcasts to `other`, `(rows, ...)`."""
    return tf.reshape(x, [-1] + [1] * (len(other.shape) - 1))


def select(condition: tf.Tensor, new: Any, old: Any) -> Any:
    """Choose between structures, row by row: `new` where the condition, `(rows,)`, holds."""
    return tf.nest.map_structure(lambda a, b: tf.where(like(condition, b), a, b), new, old)


def _join(lineage: tf.Tensor, ring: tf.Tensor) -> tf.Tensor:
    """Make each hypothesis its own author at the current step."""
    _, width, room = tf.unstack(tf.shape(lineage))
    return tf.where(tf.range(room) == ring, tf.range(width)[:, None], lineage)


def _slots(lineage: tf.Tensor, is_past: tf.Tensor) -> tf.Tensor:
    """Return which slots of the cache hold the tokens of each hypothesis.

    Args:
        lineage: `(running, width, room)`.
        is_past: which steps are part of a row, `(running, room)`.

    Returns:
        bool `(running, width, room, width)`.
    """
    width = tf.shape(lineage)[1]
    is_own = tf.expand_dims(lineage, -1) == tf.range(width)  # (running, width, room, width)
    return is_own & tf.expand_dims(is_past[:, None], -1)


def _loop(condition: Callable, body: Callable, start: tuple) -> tuple:
    """Loop over variables that keep the static shapes that they start with."""

    def turn(*before: Any) -> tuple:
        after = body(*before)
        tf.nest.map_structure(lambda a, b: a.set_shape(b.shape), after, before)
        return after

    return tf.while_loop(condition, turn, start)
