"""Any number of rows, in batches of like length and of few sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import tensorflow as tf

Tensors = dict[str, tf.Tensor]

_ROWS = (1, 8, 32, 128)  # of a batch: few sizes, as each is compiled for itself
_LONG = ((40, 32), (80, 8))  # rows of more tokens, as they differ much, go in batches of fewer
_AT_ONCE = 2  # batches that may run side by side, where there are threads for them


def in_batches(
    function: Callable[[tf.Tensor], Tensors],
    lengths: tf.Tensor,
    output_spec: Mapping[str, tf.TensorSpec],
) -> Tensors:
    """Call a function on batches of rows of like length; answer in the rows' own order.

    The last rows of a batch that is not full do not exist: their number is `len(lengths)`.

    Args:
        function: from row numbers, int32 `(size,)`, to a dictionary of tensors `(size, ...)`.
        lengths: int `(rows,)`, by which rows are sorted, longest first.
        output_spec: a dictionary of `tf.TensorSpec`s of what the function returns.

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
    places = tf.argsort(rows, stable=True)[: tf.size(lengths)]  # of row 0, row 1, …
    return {name: tf.gather(array.concat(), places) for name, array in found.items()}


def in_turns(
    answer: Callable[[tf.Tensor, bool | tf.Tensor], Tensors], lengths: tf.Tensor, found: Tensors
) -> Tensors:
    """Answer rows in batches of like length, and those that are unfinished once more.

    Args:
        answer: from row numbers, int32 `(size,)`, and whether this is again, to a dictionary of
            tensors `(size, ...)`, one of which is `"unfinished"`, bool `(size,)`. The row number
            `len(lengths)` is nobody's.
        lengths: int `(rows,)`, by which rows are sorted.
        found: a dictionary of tensors `(rows, ...)`, of the shapes of what is to be found.

    Returns:
        What was found, like `found`.
    """
    count = tf.size(lengths)
    spec = {name: tf.TensorSpec([None, *x.shape[1:]], x.dtype) for name, x in found.items()}
    spec["unfinished"] = tf.TensorSpec([None], tf.bool)

    def turn(
        rows: tf.Tensor, is_again: tf.Tensor, found: Tensors
    ) -> tuple[tf.Tensor, bool, Tensors]:
        numbers = tf.concat([rows, [count]], axis=0)  # the last one is nobody's
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
    start = tf.cond(  # somebody may wait for a single row: no time is lost with batches
        count == 1, alone, lambda: (everyone, False, found)
    )
    return tf.while_loop(lambda rows, *_: tf.size(rows) > 0, turn, start)[-1]


def sizes_for(length: int) -> tuple[int, ...]:
    """Return which sizes a batch may have, the least first.

    Args:
        length: of its shortest row, as a Python number.
    """
    most = min([_ROWS[-1], *(rows for limit, rows in _LONG if length > limit)])
    return _ROWS[: _ROWS.index(most) + 1]


def round_up(number: tf.Tensor, choices: Sequence[int]) -> tf.Tensor:
    """Return the least of some ascending choices that is not below a number, else the last."""
    return tf.reduce_min(tf.where(tf.constant(choices) >= number, choices, choices[-1]))


def _batches(lengths: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Divide rows, those of each class of lengths by themselves.

    Returns:
        The rows' numbers, batch after batch; and where each batch starts and the last one ends.
    """
    order = tf.argsort(lengths, direction="DESCENDING", stable=True)
    rows, sizes, start = [], [], 0
    for limit in (*(limit for limit, _ in reversed(_LONG)), -1):
        end = tf.reduce_sum(tf.cast(lengths > limit, tf.int32))
        # From half of the rows on, as two batches may run side by side.
        size = round_up((end - start) // 2, sizes_for(limit + 1))
        count = (end - start + size - 1) // size
        nobody = tf.fill([count * size - (end - start)], tf.size(lengths))
        rows += [order[start:end], nobody]
        sizes.append(tf.fill([count], size))
        start = end
    if_none = tf.cast(tf.size(lengths) == 0, tf.int32)  # then there is one batch, of nobody
    rows.append(tf.zeros([if_none], tf.int32))
    sizes.append(tf.ones([if_none], tf.int32))
    return tf.concat(rows, axis=0), tf.concat([[0], tf.cumsum(tf.concat(sizes, axis=0))], axis=0)
