"""Batches of rows of similar length, in a few sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import tensorflow as tf

Tensors = dict[str, tf.Tensor]

_ROWS = (1, 8, 32, 128)  # of a batch: few sizes, because each is compiled separately
_LONG = ((40, 32), (80, 8))  # longer rows differ more in length, and go in smaller batches
_AT_ONCE = 2  # batches that may run side by side, if there are threads


def in_batches(
    function: Callable[[tf.Tensor], Tensors],
    lengths: tf.Tensor,
    output_spec: Mapping[str, tf.TensorSpec],
) -> Tensors:
    """Call a function on batches of rows of similar length; answer in the order of the rows.

    A batch that is not full ends with rows that do not exist: their number is `len(lengths)`.

    Args:
        function: from row numbers, int32 `(size,)`, to a dictionary of tensors `(size, ...)`.
        lengths: int `(rows,)`; rows are sorted by it, longest first.
        output_spec: a dictionary of `tf.TensorSpec`s for the function's results.

    Returns:
        A dictionary of tensors `(rows, ...)`.
    """
    rows, splits = _batches(lengths)
    count = tf.size(splits) - 1

    def answer_batch(
        i: tf.Tensor, found: dict[str, tf.TensorArray]
    ) -> tuple[tf.Tensor, dict[str, tf.TensorArray]]:
        answer = function(rows[splits[i] : splits[i + 1]])
        return i + 1, {name: array.write(i, answer[name]) for name, array in found.items()}

    nothing = {
        name: tf.TensorArray(spec.dtype, count, infer_shape=False, element_shape=spec.shape)
        for name, spec in output_spec.items()
    }
    _, found = tf.while_loop(
        lambda i, found: i < count, answer_batch, (0, nothing), parallel_iterations=_AT_ONCE
    )
    places = tf.argsort(rows, stable=True)[: tf.size(lengths)]  # the place of row 0, row 1, …
    return {name: tf.gather(array.concat(), places) for name, array in found.items()}


def in_turns(
    answer: Callable[[tf.Tensor, bool | tf.Tensor], Tensors], lengths: tf.Tensor, found: Tensors
) -> Tensors:
    """Answer rows in batches of similar length, and unfinished rows a second time.

    Args:
        answer: from row numbers, int32 `(size,)`, and whether this is the second time, to a
            dictionary of tensors `(size, ...)`, one of which is `"unfinished"`, bool `(size,)`. The
            row number `len(lengths)` belongs to no row.
        lengths: int `(rows,)`; rows are sorted by it.
        found: a dictionary of tensors `(rows, ...)`, of the shapes of the results.

    Returns:
        The results, like `found`.
    """
    count = tf.size(lengths)
    spec = {name: tf.TensorSpec([None, *x.shape[1:]], x.dtype) for name, x in found.items()}
    spec["unfinished"] = tf.TensorSpec([None], tf.bool)

    def turn(
        rows: tf.Tensor, is_again: tf.Tensor, found: Tensors
    ) -> tuple[tf.Tensor, bool, Tensors]:
        numbers = tf.concat([rows, [count]], axis=0)  # the last belongs to no row
        new = in_batches(
            lambda places: answer(tf.gather(numbers, places), is_again),
            tf.gather(lengths, rows),
            spec,
        )
        again = tf.boolean_mask(rows, new.pop("unfinished"))
        found = {
            name: tf.tensor_scatter_nd_update(x, rows[:, None], new[name])
            for name, x in found.items()
        }
        return again, True, found

    def alone() -> tuple[tf.Tensor, bool, Tensors]:
        found = answer(everyone, False)
        return tf.boolean_mask(everyone, found.pop("unfinished")), True, found

    everyone = tf.range(count)
    start = tf.cond(  # a single row loses no time with batches: someone may be waiting for it
        count == 1, alone, lambda: (everyone, False, found)
    )
    return tf.while_loop(lambda rows, *_: tf.size(rows) > 0, turn, start)[-1]


def sizes_for(length: int) -> tuple[int, ...]:
    """Return the sizes that a batch may have, smallest first.

    Args:
        length: length of its shortest row, as a Python number.
    """
    most = min([_ROWS[-1], *(rows for limit, rows in _LONG if length > limit)])
    return _ROWS[: _ROWS.index(most) + 1]


def round_up(number: tf.Tensor, choices: Sequence[int]) -> tf.Tensor:
    """Return the smallest of some ascending choices that is not below a number, or the last."""
    return tf.reduce_min(tf.where(tf.constant(choices) >= number, choices, choices[-1]))


def _batches(lengths: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Divide rows into batches, separately for each class of lengths.

    Returns:
        The rows' numbers, batch after batch; and the starts of all batches, with the last one's
        end.
    """
    order = tf.argsort(lengths, direction="DESCENDING", stable=True)
    rows, sizes, start = [], [], 0
    for limit in (*(limit for limit, _ in reversed(_LONG)), -1):
        end = tf.reduce_sum(tf.cast(lengths > limit, tf.int32))
        # Half of the rows fill a batch, because two batches may run side by side.
        size = round_up((end - start) // 2, sizes_for(limit + 1))
        count = (end - start + size - 1) // size
        nobody = tf.fill([count * size - (end - start)], tf.size(lengths))
        rows += [order[start:end], nobody]
        sizes.append(tf.fill([count], size))
        start = end
    if_none = tf.cast(tf.size(lengths) == 0, tf.int32)  # without rows, there is one batch of no row
    rows.append(tf.zeros([if_none], tf.int32))
    sizes.append(tf.ones([if_none], tf.int32))
    return tf.concat(rows, axis=0), tf.concat([[0], tf.cumsum(tf.concat(sizes, axis=0))], axis=0)
